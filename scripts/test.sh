#!/bin/sh
# All tests: on SQLite, and once more on PostgreSQL where TOWPATH_TEST_DATABASE_URL names a server.
set -eu
bin=.venv/bin
chosen="not soak"
command -v chromium >/dev/null || command -v google-chrome >/dev/null || chosen="$chosen and not browser"

unset TOWPATH_DATABASE_URL
$bin/pytest -n 2 --dist loadgroup -m "$chosen"

if [ -n "${TOWPATH_TEST_DATABASE_URL:-}" ]; then
    echo "Once more, on PostgreSQL (analytics and gates use no database)."
    TOWPATH_DATABASE_URL="$TOWPATH_TEST_DATABASE_URL" $bin/pytest -n 2 --dist loadgroup \
        -m "not soak and not browser" --ignore tests/analytics --ignore tests/gates
else
    echo "Skipped: the tests on PostgreSQL (TOWPATH_TEST_DATABASE_URL names no server)."
fi
