"""The records at one instant, while they go on changing: SQLite and PostgreSQL."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from psycopg.conninfo import make_conninfo

from towpath.site.keeping.manifest import POSTGRESQL, SQLITE, NotKept


class Held(Protocol):
    """A database of which `copy` writes the state that it had when `hold` was called."""

    def hold(self) -> None: ...

    def copy(self, to: Path) -> None: ...


class HeldSqlite:
    """A SQLite file in WAL mode: a read transaction sees one state, and hinders nobody who writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def hold(self) -> None:
        self._connection.execute("begin")
        self._connection.execute("select count(*) from sqlite_master").fetchone()

    def copy(self, to: Path) -> None:
        with closing(sqlite3.connect(to)) as copy:
            self._connection.backup(copy)
        to.chmod(0o600)


@contextmanager
def sqlite_file(path: Path) -> Iterator[HeldSqlite]:
    address = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=30.0, isolation_level=None)) as connection:
        yield HeldSqlite(connection)


class HeldPostgresql:
    """A PostgreSQL database: its exported snapshot is what pg_dump writes."""

    def __init__(self, settings: Mapping[str, Any], cursor: Any) -> None:
        self._settings, self._cursor = settings, cursor
        self._snapshot = ""

    def hold(self) -> None:
        self._cursor.execute("begin isolation level repeatable read")
        self._cursor.execute("select pg_export_snapshot()")
        self._snapshot = str(self._cursor.fetchone()[0])

    def copy(self, to: Path) -> None:
        told = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={self._snapshot}"]
        _run_tool("pg_dump", self._settings, [*told, f"--file={to}"])
        to.chmod(0o600)


@contextmanager
def held_records() -> Iterator[tuple[str, Held]]:
    """The records of this installation, and the name of their file in a backup. Raises NotKept."""
    from django.db import DEFAULT_DB_ALIAS, connections

    settings = connections[DEFAULT_DB_ALIAS].settings_dict
    if connections[DEFAULT_DB_ALIAS].vendor == "sqlite":
        with sqlite_file(Path(settings["NAME"])) as held:
            yield SQLITE, held
        return
    _tool("pg_dump")
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with own.cursor() as cursor:
            yield POSTGRESQL, HeldPostgresql(settings, cursor)
    finally:
        own.close()


def restore_postgresql(settings: Mapping[str, Any], dump: Path) -> None:
    """Into a database without tables, whole or not at all. Raises NotKept."""
    told = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run_tool("pg_restore", settings, [*told, str(dump)])


def check_postgresql_empty(settings: Mapping[str, Any]) -> None:
    """Raises NotKept where it has tables, or cannot be reached, or pg_restore is missing."""
    import psycopg

    _tool("pg_restore")
    try:
        with psycopg.connect(_address(settings), password=settings["PASSWORD"] or None) as connection:
            found = connection.execute(
                "select count(*) from information_schema.tables where table_schema = current_schema()"
            ).fetchone()
    except psycopg.OperationalError as error:
        raise NotKept(f"The records cannot be opened ({error}): see TOWPATH_DATABASE_URL.") from error
    if found and found[0]:
        raise NotKept(
            f"The database {settings['NAME']} that TOWPATH_DATABASE_URL names has tables already. "
            "Make an empty one, and name that."
        )


def _address(settings: Mapping[str, Any]) -> str:
    given = {"host": settings["HOST"], "port": settings["PORT"], "user": settings["USER"]}
    options = {name: value for name, value in settings.get("OPTIONS", {}).items() if isinstance(value, str)}
    return make_conninfo(dbname=settings["NAME"], **{k: v for k, v in given.items() if v}, **options)


def _run_tool(name: str, settings: Mapping[str, Any], told: list[str]) -> None:
    # The password goes by the environment: others could read it among the arguments.
    environment = {**os.environ, "PGPASSWORD": settings["PASSWORD"]} if settings["PASSWORD"] else None
    command = [_tool(name), *told[:-1], f"--dbname={_address(settings)}", told[-1]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotKept(f"{name} failed: {done.stderr.strip() or done.returncode}")


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NotKept(
            f"The records are in PostgreSQL, and its program {name} is not installed here. Install it in the "
            "server's version (Debian: apt-get install postgresql-client), then give the command again."
        )
    return found
