"""The lake's transaction log: a Delta table over files that we write ourselves.

One commit takes old files out and puts new ones in, and carries the import's id as its application
transaction: an import is in the lake whole and once, or not at all.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Field, Schema, Transaction
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from towpath.events.lake.errors import LakeMissing, LakeTooNew, LakeTooOld
from towpath.events.lake.layout import LAKE_FORMAT, PARTITIONS, TABLE_SCHEMA, EventFile, parse_bucket, utc
from towpath.events.lake.lock import Locks
from towpath.events.lake.storage import Store

FORMAT_KEY = "towpath.lakeFormat"
_NOTE_KEY = "towpath"
_BAR = "bar"
_KEEP_KEY = "delta.logRetentionDuration"
_WHOLE_KEY = {"delta.checkpointInterval": "20"}
"""Opening a table reads every commit since the log was last written as a whole (two milliseconds' work)."""
CONFIGURATION = {
    FORMAT_KEY: str(LAKE_FORMAT),
    # Statistics hold values in clear, so none on identifiers; an engine that is not ours obeys too.
    "delta.dataSkippingStatsColumns": "time",
    # A flush a second makes many versions; nobody reads one that is older than this.
    _KEEP_KEY: "interval 2 days",
    **_WHOLE_KEY,
}


@dataclass(frozen=True)
class Turn:
    """Which commit of which writer: its `number`s rise.

    An import counts its commits from 1; an inbox names its last row that is in the lake.
    """

    name: str
    number: int


@dataclass(frozen=True)
class Change:
    """What one commit does. `note` is kept with it, for `EventLog.note`.

    `new_events`: false for one that only puts known events elsewhere.
    """

    turn: Turn
    added: tuple[EventFile, ...]
    removed: tuple[EventFile, ...]
    note: dict[str, Any]
    new_events: bool = True


class EventLog:
    """The log of the table at `store`. Every call sees the newest version unless one is named.

    `locks`: those that its writers hold. Where they can be lost, a commit is refused once they are, and is
    tried for the one version that follows what the writer saw.
    """

    def __init__(self, store: Store, locks: Locks | None = None) -> None:
        self.store = store
        self._locks = locks

    def exists(self) -> bool:
        if self.store.local is not None:
            # Looked at directly: every request asks this.
            log = self.store.local / "_delta_log"
            return log.is_dir() and any(entry.suffix == ".json" for entry in log.iterdir())
        return DeltaTable.is_deltatable(self.store.uri, self._options)

    def create(self) -> None:
        """Make the table where there is none."""
        if self.store.local is not None:
            self.store.local.mkdir(parents=True, exist_ok=True)
        DeltaTable.create(
            self.store.uri,
            TABLE_SCHEMA,
            mode="ignore",
            partition_by=list(PARTITIONS),
            name="events",
            description="Events: the body by month and bucket, sorted by key, and the tail by flush.",
            configuration=CONFIGURATION,
            storage_options=self._options,
            raise_if_key_not_exists=False,
        )

    def open(self, version: int | None = None) -> DeltaTable:
        """Raises `LakeMissing`, `LakeTooNew`, `LakeTooOld`."""
        try:
            table = DeltaTable(self.store.uri, version=version, storage_options=self._options)
        except TableNotFoundError as error:
            raise LakeMissing(
                f"There is no lake at {self.store.uri}. "
                "Run the set-up to create it, or correct TOWPATH_LAKE_URL."
            ) from error
        written = table.metadata().configuration.get(FORMAT_KEY)
        if written is None or int(written) > LAKE_FORMAT:
            raise LakeTooNew(
                f"The lake at {self.store.uri} has format {written or 'unknown'}; this Towpath knows formats "
                f"up to {LAKE_FORMAT}. Upgrade Towpath on this machine, or point it at another lake."
            )
        if int(written) < LAKE_FORMAT:
            raise too_old(self.store.uri, int(written))
        return table

    def commit(self, change: Change) -> int:
        """Carry out a change; returns the version it made.

        If it was carried out although an error came back, that is a success. Raises `LakeLockLost`.
        """
        table = self.open()
        self._widen(table)
        if self._locks:
            self._locks.check()
        try:
            self._commit(table, change)
            table.update_incremental()
        except Exception:
            # A checkpoint that fails after the commit (a full disk) reports an error for what is true.
            table = self.open()
            if self._locks:
                self._locks.check()
            if (table.transaction_version(change.turn.name) or 0) < change.turn.number:
                raise
        self._sync_log(table.version())
        return int(table.version())

    def bar(self) -> None:
        """Take the next version, where another writer may have lost its lock and not know it yet.

        Whatever that one was about to commit would have been this version, and now fails: its files can go.
        """
        if self._locks is not None and self._locks.shared:
            turn = Turn(_BAR, self.turns(_BAR) + 1)
            self.commit(Change(turn, (), (), {}, new_events=False))

    def keep(self, days: int) -> bool:
        """Keep the log's entries for so many days; returns whether that is another span than before."""
        table = self.open()
        today, wanted = table.metadata().configuration, {_KEEP_KEY: f"interval {days} days", **_WHOLE_KEY}
        if wanted.items() <= today.items():
            return False
        table.alter.set_table_properties(wanted)
        return today.get(_KEEP_KEY) != wanted[_KEEP_KEY]

    def turns(self, name: str) -> int:
        """Number of the last commit that writer `name` has made; 0 for none."""
        return self.open().transaction_version(name) or 0

    def brought(self, version: int) -> list[str] | None:
        """Paths of the files in which a version brought new events; None when the log no longer tells."""
        try:
            with self.store.filesystem.open_input_stream(f"_delta_log/{version:020}.json") as file:
                actions = [json.loads(line) for line in file.read().splitlines()]
        except FileNotFoundError:
            return None
        added = [action["add"] for action in actions if "add" in action]
        return [unquote(each["path"]) for each in added if each["dataChange"]]

    def note(self, turn: Turn) -> dict[str, Any]:
        """What was noted with a commit; empty once the log no longer keeps it (2 days)."""
        for entry in self.open().history():
            note: dict[str, Any] = json.loads(entry.get(_NOTE_KEY, "{}"))
            if (note.get("writer"), note.get("turn")) == (turn.name, turn.number):
                return note
        return {}

    def _commit(self, table: DeltaTable, change: Change) -> None:
        now = int(time.time() * 1000)
        note = {**change.note, "writer": change.turn.name, "turn": change.turn.number}
        table.create_write_transaction(
            [
                *(_add(file, change.new_events) for file in change.added),
                *(_remove(file, now, change.new_events) for file in change.removed),
            ],
            mode="append",
            schema=TABLE_SCHEMA,
            partition_by=list(PARTITIONS),
            commit_properties=CommitProperties(
                custom_metadata={_NOTE_KEY: json.dumps(note)},
                # Nobody else commits while the lock is ours: who is told otherwise must look again.
                max_commit_retries=0 if self._locks is not None and self._locks.shared else None,
                app_transactions=[Transaction(change.turn.name, change.turn.number)],
            ),
        )

    def _widen(self, table: DeltaTable) -> None:
        """Add columns that the envelope has gained since the table was made."""
        known = {field.name for field in table.schema().fields}
        wanted: list[Field] = Schema.from_arrow(TABLE_SCHEMA).fields
        missing = [field for field in wanted if field.name not in known]
        if missing:
            table.alter.add_columns(missing)
            table.update_incremental()

    def _sync_log(self, version: int) -> None:
        if self.store.local is not None:
            self.store.sync([f"_delta_log/{version:020}.json"])

    @property
    def _options(self) -> dict[str, str] | None:
        return dict(self.store.options) or None


def too_old(uri: str, written: int) -> LakeTooOld:
    return LakeTooOld(
        f"The lake at {uri} has format {written}; this Towpath works with format {LAKE_FORMAT}. "
        "Stop Towpath where it runs, look at `towpath upgrade --check`, then run `towpath upgrade`."
    )


def files_of(table: DeltaTable) -> tuple[EventFile, ...]:
    """Files of the table's version, by month, then by key."""
    actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    return tuple(
        sorted((_event_file(action) for action in actions), key=lambda file: (file.month, file.key_range()))
    )


def of_month(files: Sequence[EventFile], month: str) -> tuple[EventFile, ...]:
    return tuple(file for file in files if file.month == month)


def _event_file(action: dict[str, Any]) -> EventFile:
    bucket, of = parse_bucket(action["partition.bucket"])
    return EventFile(
        path=action["path"],
        month=action["partition.month"],
        bucket=bucket,
        of=of,
        rows=action["num_records"],
        bytes=action["size_bytes"],
        min_time=action["min.time"],
        max_time=action["max.time"],
        written_at=utc(action["modification_time"] * 1000),
    )


def _add(file: EventFile, new_events: bool) -> AddAction:
    stats = {
        "numRecords": file.rows,
        "minValues": {"time": _iso(file.min_time)},
        "maxValues": {"time": _iso(file.max_time)},
    }
    written = int(file.written_at.timestamp() * 1000)
    return AddAction(file.path, file.bytes, file.partition, written, new_events, json.dumps(stats))


def _remove(file: EventFile, now_ms: int, new_events: bool) -> RemoveAction:
    return RemoveAction(
        path=file.path,
        data_change=new_events,
        deletion_timestamp=now_ms,
        size=file.bytes,
        partition_values={**file.partition},
    )


def _iso(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"
