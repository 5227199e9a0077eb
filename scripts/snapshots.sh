#!/bin/sh
# Documents that are made from the code. A test compares them with it.
set -eu
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export TOWPATH_HOME="$home"
for snapshot in manual:commands.md openapi:openapi.json routes:routes.md; do
    .venv/bin/towpath "${snapshot%%:*}" > "$home/snapshot"
    cp "$home/snapshot" "docs/${snapshot#*:}"
done
