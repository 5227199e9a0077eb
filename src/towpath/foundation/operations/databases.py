"""Where the records lie: SQLite where nothing is set, PostgreSQL by `TOWPATH_DATABASE_URL`."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from towpath.foundation.operations.environment import BadSetting

SQLITE_OPENING = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000; PRAGMA cache_size=-32000;"
)
"""32 MB of pages at most a connection: with its own 2 MB SQLite reads indexes from the file again for each
row that is put into a large table."""


def database_of(url: str, records: Path) -> dict[str, Any]:
    """Django's description of the database that `url` names, or of the SQLite file `records` where it is
    empty.

    Raises BadSetting for a scheme other than postgresql, without repeating the password.
    """
    if not url.strip():
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": records,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": SQLITE_OPENING},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise BadSetting(
            "TOWPATH_DATABASE_URL must read postgresql://USER:PASSWORD@HOST:PORT/NAME; "
            f"its scheme is {parts.scheme or 'missing'!r}."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
    }
