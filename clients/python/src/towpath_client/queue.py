"""Events on their way: kept in SQLite, on disk or in memory, until the server has them."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

KEPT_REFUSED = 10_000
"""Of refused events the newest so many are kept."""
_TABLES = """
    create table if not exists events (place integer primary key autoincrement, event text not null);
    create table if not exists refused (
        place integer primary key, reason text not null, event text not null, at real not null
    );
"""


_within_sqlite = threading.Lock()
"""Whoever uses SQLite here holds it, and so does a fork: what SQLite itself had locked at that moment, for
another thread, would stay locked in the child."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_within_sqlite.acquire,
        after_in_parent=_within_sqlite.release,
        after_in_child=_within_sqlite.release,
    )


class NotQueued(Exception):
    """An event that could not be kept: the queue is full, or its file cannot be written."""


class Queued(NamedTuple):
    """An event (JSON text) with its place in the queue."""

    place: int
    event: str


@dataclass(frozen=True)
class RefusedEvent:
    """An event (JSON text) that the server did not take, with its reason; `at` in seconds since 1970."""

    event: str
    reason: str
    at: float


class EventQueue:
    """First in, first out. Safe to use from several threads; a file also from several processes.

    What `add` has returned from is on the disk (WAL, synchronous=FULL), where there is a file.
    """

    def __init__(self, path: str | os.PathLike[str] | None, limit: int) -> None:
        self._path = ":memory:" if path is None else os.fspath(path)
        self._limit = limit
        self._inherited: list[sqlite3.Connection] = []
        self._open()

    def reopen_after_fork(self) -> None:
        """In a forked child: a connection of its own. The parent's must not even be closed here, and what
        waits in memory stays the parent's to send."""
        self._inherited.append(self._connection)
        self._open()

    def add(self, events: Sequence[str]) -> None:
        """Keep these events, all or none. Raises NotQueued."""
        try:
            with self._transaction() as connection:
                query = "select coalesce(max(place) - min(place) + 1, 0) from events"
                (waiting,) = connection.execute(query).fetchone()
                if waiting + len(events) > self._limit:
                    raise NotQueued(f"{waiting:,} events wait already; is the server away?")
                rows = [(event,) for event in events]
                connection.executemany("insert into events (event) values (?)", rows)
        except sqlite3.Error as error:
            raise NotQueued(f"{self._path}: the queue cannot be written ({error})") from error

    def first(self, limit: int) -> list[Queued]:
        """The oldest events, at most so many."""
        return [Queued(*row) for row in self._rows("select * from events order by place limit ?", limit)]

    def settle(self, done: Sequence[Queued], refused: Sequence[tuple[Queued, str]] = ()) -> None:
        """Take these events out; those that were refused are kept aside with their reasons."""
        now = time.time()
        with self._transaction() as connection:
            if refused:
                rows = [(queued.place, reason, queued.event, now) for queued, reason in refused]
                connection.executemany("insert or replace into refused values (?, ?, ?, ?)", rows)
                oldest = "select place from refused order by place desc limit -1 offset ?"
                connection.execute(f"delete from refused where place in ({oldest})", (KEPT_REFUSED,))  # noqa: S608 - a constant
            connection.executemany("delete from events where place = ?", [(each.place,) for each in done])

    def waiting(self) -> int:
        """How many events wait to be sent."""
        return int(self._rows("select count(*) from events")[0][0])

    def last(self) -> int:
        """The place of the youngest event; 0 where none waits."""
        return int(self._rows("select coalesce(max(place), 0) from events")[0][0])

    def waits_until(self, place: int) -> bool:
        """Does an event wait whose place is this or an earlier one?"""
        return bool(self._rows("select exists (select 1 from events where place <= ?)", place)[0][0])

    def refused(self) -> list[RefusedEvent]:
        """The events that the server did not take, oldest first."""
        return [
            RefusedEvent(*row) for row in self._rows("select event, reason, at from refused order by place")
        ]

    def close(self) -> None:
        """No more use of it."""
        with _within_sqlite:
            self._connection.close()

    def _open(self) -> None:
        try:
            with _within_sqlite:
                self._connection = sqlite3.connect(
                    self._path, timeout=30.0, isolation_level=None, check_same_thread=False
                )
                self._prepare(self._connection)
        except (sqlite3.Error, OSError) as error:
            raise NotQueued(f"{self._path}: the queue cannot be opened ({error})") from error

    def _prepare(self, connection: sqlite3.Connection) -> None:
        try:
            if self._path != ":memory:":
                os.chmod(self._path, 0o600)  # noqa: PTH101 - it holds what customers did
                connection.execute("pragma journal_mode = wal")
                connection.execute("pragma synchronous = full")
            connection.executescript(_TABLES)
        except (sqlite3.Error, OSError):
            connection.close()
            raise

    def _rows(self, query: str, *values: int) -> list[tuple[Any, ...]]:
        with _within_sqlite:
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with _within_sqlite:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
                self._connection.execute("commit")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise
