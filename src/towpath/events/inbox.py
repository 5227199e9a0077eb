"""The inbox: where events that were accepted over HTTP are safe until a flush puts them into the lake.

One SQLite file per web node, always on a local disk. A batch is one row, in Arrow's IPC form; it is on disk
(synchronous=FULL) before its sender hears 202.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from towpath.events.lake.durability import sync_path

BUSY_TIMEOUT_S = 10.0
DELETED_AT_ONCE = 200
"""Batches a transaction: no write transaction lasts long while senders wait."""

_SCHEMA = """
create table if not exists inbox (writer text not null);
create table if not exists batches (
    number integer primary key autoincrement,
    accepted real not null,
    events integer not null,
    bytes integer not null,
    content blob not null
);
create table if not exists fill (events integer not null, bytes integer not null);
create trigger if not exists came after insert on batches begin
    update fill set events = events + new.events, bytes = bytes + new.bytes;
end;
create trigger if not exists went after delete on batches begin
    update fill set events = events - old.events, bytes = bytes - old.bytes;
end;
"""

_FLUSHES = """
create table if not exists flushes (
    last integer primary key,
    first_received integer not null,
    last_received integer not null,
    written integer not null,
    in_lake integer not null default 0
)
"""
"""Apart from the others: an inbox of before has none."""

_ASIDE = (
    "create table if not exists aside (number integer primary key, accepted real not null, "
    "events integer not null, content blob not null, reason text not null)"
)
READ_BYTES = 64 * 1024**2
"""Of events in memory, about: a flush takes no more at a time, however few they are."""


class BrokenBatch(Exception):
    """A batch whose content cannot be read."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"Batch {number} of the inbox cannot be read: {reason}")
        self.number = number


class InboxBroken(Exception):
    """The inbox cannot be written: the text says why and what to do."""


@dataclass(frozen=True)
class Fill:
    """What waits in the inbox. `oldest`: when the first of it was accepted, None without any."""

    events: int
    bytes: int
    oldest: datetime | None

    def has_waited(self, seconds: float) -> bool:
        """Whether the first of it waits so long; what seems to come from the future (the clock was set back)
        has waited long enough."""
        return (
            self.oldest is not None and not 0 <= (datetime.now(UTC) - self.oldest).total_seconds() < seconds
        )

    @property
    def age_s(self) -> float:
        """Seconds since the first of it was accepted; 0 without any."""
        return 0.0 if self.oldest is None else max((datetime.now(UTC) - self.oldest).total_seconds(), 0.0)


@dataclass(frozen=True)
class Batches:
    """Some batches in the order in which they came; `last` is the number of the last one."""

    last: int
    events: pa.Table


@dataclass(frozen=True)
class SetAside:
    """A batch that could not be put into the lake, and why."""

    number: int
    accepted: datetime
    events: int
    bytes: int
    reason: str


@dataclass(frozen=True)
class FlushNote:
    """A flush up to batch `last`, which nobody was told of yet: when its events were received (microseconds),
    and how many were new (at most; exactly unless it was killed)."""

    last: int
    first_received: int
    last_received: int
    written: int


class Inbox:
    """The inbox at `path`; made, with a writer's name of its own, where there is none. Safe for threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections = threading.local()
        self._turn = threading.Lock()
        self._pid = os.getpid()
        if not path.exists():
            self._create()

    @property
    def writer(self) -> str:
        """The name under which its flushes are known to the lake. Drawn anew when the inbox is made."""
        with self._using() as connection:
            return str(connection.execute("select writer from inbox").fetchone()[0])

    def draw_new_writer(self) -> None:
        """Take a new name: a copy's flushes must not be taken for those of the inbox it was copied from."""
        with self._using() as connection:
            connection.execute("update inbox set writer = ?", (f"inbox-{uuid4().hex}",))

    def accept(self, events: pa.RecordBatch) -> None:
        """Take a batch. It is durable when this returns. Raises `InboxBroken`."""
        content = _packed(events)
        # One after another: SQLite lets those that find it locked sleep, longer each time.
        with self._using() as connection, self._turn:
            connection.execute(
                "insert into batches (accepted, events, bytes, content) values (?, ?, ?, ?)",
                (time.time(), events.num_rows, len(content), content),
            )

    def fill(self) -> Fill:
        """What waits. Raises `InboxBroken`."""
        with self._using() as connection:
            events, size = connection.execute("select events, bytes from fill").fetchone()
            oldest = connection.execute("select accepted from batches order by number limit 1").fetchone()
        return Fill(events, size, None if oldest is None else datetime.fromtimestamp(oldest[0], UTC))

    def read(self, events: int) -> Batches | None:
        """The oldest whole batches, of about `events` events together; None when nothing waits."""
        tables: list[pa.RecordBatch] = []
        last = rows = size = 0
        with self._using() as connection:
            waiting = connection.execute("select number, events, content from batches order by number")
            for number, count, content in waiting:
                if tables and (rows + count > events or size > READ_BYTES):
                    break
                try:
                    found = _unpacked(content)
                except pa.ArrowException as error:
                    if tables:
                        break
                    raise BrokenBatch(number, str(error)) from error
                tables += found
                last, rows, size = number, rows + count, size + sum(each.nbytes for each in found)
            waiting.close()
        return Batches(last, pa.Table.from_batches(tables)) if tables else None

    def set_aside(self, number: int, reason: str) -> None:
        """Take a batch out of the way that cannot be put into the lake; it is kept, with the reason."""
        with self._using() as connection:
            connection.execute(
                "insert or ignore into aside select number, accepted, events, content, ? from batches "
                "where number = ?",
                (reason[:1000], number),
            )
            connection.execute("delete from batches where number = ?", (number,))

    def aside(self) -> dict[int, str]:
        """Batches that were set aside, by number, and why."""
        with self._using() as connection:
            return dict(connection.execute("select number, reason from aside order by number").fetchall())

    def set_aside_batches(self) -> list[SetAside]:
        """The same, with all that is known of each."""
        with self._using() as connection:
            rows = connection.execute(
                "select number, accepted, events, length(content), reason from aside order by number"
            ).fetchall()
        return [SetAside(row[0], datetime.fromtimestamp(row[1], UTC), *row[2:]) for row in rows]

    def read_set_aside(self, number: int) -> list[pa.RecordBatch] | None:
        """The events of one of them; None where it cannot be read, or is gone."""
        with self._using() as connection:
            row = connection.execute("select content from aside where number = ?", (number,)).fetchone()
        try:
            return None if row is None else _unpacked(row[0])
        except pa.ArrowException:
            return None

    def replace_set_aside(self, number: int, events: Sequence[pa.RecordBatch]) -> None:
        """Put other events in the place of those of a batch that was set aside; without any it goes."""
        with self._using() as connection:
            if events:
                connection.execute(
                    "update aside set events = ?, content = ? where number = ?",
                    (sum(each.num_rows for each in events), _packed(*events), number),
                )
            else:
                connection.execute("delete from aside where number = ?", (number,))

    def bring_back(self, number: int) -> bool:
        """Let one of them wait for the lake again, under a new number; returns whether there was one."""
        with self._at_once() as connection:
            found = connection.execute(
                "insert into batches (accepted, events, bytes, content) "
                "select ?, events, length(content), content from aside where number = ?",
                (time.time(), number),
            ).rowcount
            connection.execute("delete from aside where number = ?", (number,))
        return bool(found)

    def remove(self, last: int) -> None:
        """Forget batches up to number `last`: the lake has them, so their flushes can be told of."""
        with self._using() as connection:
            connection.execute("update flushes set in_lake = 1 where last <= ? and not in_lake", (last,))
        while True:
            with self._using() as connection:
                gone = connection.execute(
                    "delete from batches where number in "
                    "(select number from batches where number <= ? order by number limit ?)",
                    (last, DELETED_AT_ONCE),
                ).rowcount
            if gone < DELETED_AT_ONCE:
                return

    def note_flush(self, note: FlushNote) -> None:
        """Note what is about to go into the lake, so that a kill does not make anybody miss it."""
        with self._using() as connection:
            connection.execute(
                "insert or replace into flushes (last, first_received, last_received, written) "
                "values (?, ?, ?, ?)",
                (note.last, note.first_received, note.last_received, note.written),
            )

    def settle_flush(self, last: int, written: int) -> None:
        """Note how many were new; a flush that brought nothing is not told of."""
        with self._using() as connection:
            if written:
                connection.execute("update flushes set written = ? where last = ?", (written, last))
            else:
                connection.execute("delete from flushes where last = ?", (last,))

    def untold(self) -> list[FlushNote]:
        """Flushes that are in the lake and that nobody was told of."""
        with self._using() as connection:
            rows = connection.execute(
                "select last, first_received, last_received, written from flushes where in_lake order by last"
            ).fetchall()
        return [FlushNote(*row) for row in rows]

    def told(self, notes: Sequence[FlushNote]) -> None:
        """Forget these notes: everybody was told."""
        with self._using() as connection:
            connection.execute(
                "delete from flushes where in_lake and last between ? and ?", (notes[0].last, notes[-1].last)
            )

    def replace(self, number: int, events: Sequence[pa.RecordBatch]) -> None:
        """Put other events in the place of a batch's (a customer taken out); without any it goes."""
        with self._at_once() as connection:
            if not events:
                connection.execute("delete from batches where number = ?", (number,))
                return
            content, rows = _packed(*events), sum(each.num_rows for each in events)
            connection.execute(
                "update fill set events = events + ? - (select events from batches where number = ?), "
                "bytes = bytes + ? - (select bytes from batches where number = ?)",
                (rows, number, len(content), number),
            )
            connection.execute(
                "update batches set events = ?, bytes = ?, content = ? where number = ?",
                (rows, len(content), content, number),
            )

    def batches(self) -> Iterator[tuple[int, list[pa.RecordBatch]]]:
        """Every batch that waits, with its number."""
        with self._using() as connection:
            numbers = [row[0] for row in connection.execute("select number from batches order by number")]
        for number in numbers:
            with self._using() as connection:
                row = connection.execute("select content from batches where number = ?", (number,)).fetchone()
            if row is not None:
                yield number, _unpacked(row[0])

    def compact(self) -> None:
        """Give room back, and leave nothing of removed batches in the file."""
        with self._using() as connection:
            connection.execute("pragma wal_checkpoint(truncate)")
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)")

    def _create(self) -> None:
        """Whole under its name, or not at all: two processes may begin at once."""
        if not self.path.parent.is_dir():
            # Not made here: a volume that is not mounted must not be taken for an empty one.
            raise InboxBroken(f"There is no folder {self.path.parent} for the inbox. Is its disk mounted?")
        draft = self.path.with_name(f".{self.path.name}.{uuid4().hex}")
        try:
            with sqlite3.connect(draft) as connection:
                connection.executescript("pragma secure_delete = on; pragma journal_mode = wal;" + _SCHEMA)
                connection.execute("insert into inbox values (?)", (f"inbox-{uuid4().hex}",))
                connection.execute("insert into fill values (0, 0)")
            connection.execute("pragma wal_checkpoint(truncate)")
            connection.close()
            draft.chmod(0o600)
            sync_path(draft)
            try:
                os.link(draft, self.path)
            except FileExistsError:
                return
            sync_path(self.path.parent)
        finally:
            for left in self.path.parent.glob(f"{draft.name}*"):
                left.unlink(missing_ok=True)

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection()
        except sqlite3.Error as error:
            free = shutil.disk_usage(self.path.parent).free
            raise InboxBroken(
                f"The inbox {self.path} cannot be used ({error}; {free:,} bytes are free on its disk). "
                "Make room, or see that the file is Towpath's user's own; nothing that was accepted is lost."
            ) from error

    @contextmanager
    def _at_once(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing."""
        with self._using() as connection:
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    def _connection(self) -> sqlite3.Connection:
        if self._pid != os.getpid():
            # A forked process must not use its parent's connections.
            self._connections, self._pid = threading.local(), os.getpid()
            self._turn = threading.Lock()
        found: sqlite3.Connection | None = getattr(self._connections, "one", None)
        if found is None:
            address = f"{self.path.absolute().as_uri()}?mode=rw"
            found = sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            found.execute("pragma synchronous = full")
            found.execute("pragma secure_delete = on")
            found.execute(_FLUSHES)
            found.execute(_ASIDE)
            self._connections.one = found
        return found


def _packed(*batches: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    # A batch is small: handing its columns to other threads takes longer than packing them.
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.ipc.new_stream(sink, batches[0].schema, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes())


def _unpacked(content: bytes) -> list[pa.RecordBatch]:
    with pa.ipc.open_stream(content, options=pa.ipc.IpcReadOptions(use_threads=False)) as reader:
        return list(reader)
