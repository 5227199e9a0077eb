#!/bin/sh
# Collects the texts for people into src/towpath/locale. A test compares them with the code.
set -eu
command -v xgettext >/dev/null || { echo "GNU gettext is missing: apt-get install gettext"; exit 2; }
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
bin=$PWD/.venv/bin
cd src/towpath
mkdir -p locale
TOWPATH_HOME="$home" DJANGO_SETTINGS_MODULE=towpath.site.settings "$bin/django-admin" makemessages \
    --locale en --locale es --locale sv --locale zh_Hans --no-obsolete --no-location --no-wrap --verbosity 0
