#!/bin/sh
# Does Towpath start on another Python? Installs the locked packages for it and asks for help and a list of jobs.
set -eu
version=$1
venv=.venv/smoke-$version
if [ ! -x "$venv/bin/python" ]; then
    found=""
    for candidate in "python$version" "$HOME"/.pyenv/versions/"$version".*/bin/python; do
        if "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
            found=$candidate
        fi
    done
    if [ -z "$found" ]; then
        echo "Skipped: the smoke run on Python $version (not installed)."
        exit 0
    fi
    .venv/bin/uv venv --quiet --python "$found" "$venv"
fi
VIRTUAL_ENV="$venv" .venv/bin/uv pip sync --quiet requirements.lock
VIRTUAL_ENV="$venv" .venv/bin/uv pip install --quiet --no-deps --editable .
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
TOWPATH_HOME="$home" "$venv/bin/towpath" --help >/dev/null
TOWPATH_HOME="$home" "$venv/bin/towpath" jobs list --json >/dev/null
echo "Towpath starts on Python $version."
