#!/bin/sh
# A browser for the browser tests: Debian's chromium, installed where we may.
set -eu
if command -v chromium >/dev/null || command -v google-chrome >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "Skipped: the browser tests. They need chromium: apt-get install chromium"
[ "${CI:-}" != true ]
