"""One version of the lake, body and tail, to be read again and again with the same answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa

from towpath.events.envelope import EVENT_SCHEMA, case_key
from towpath.events.lake.duck import connect, show_events
from towpath.events.lake.layout import TABLE_SCHEMA, EventFile, key_range, utc
from towpath.events.lake.moves import NO_MOVES, Moves
from towpath.events.lake.reading import Reader, Slice, Wanted, read_slices
from towpath.events.lake.storage import Store, gone

CLOCKS_DIFFER = timedelta(minutes=10)
"""At most, between the node that accepted an event and the one that wrote its file."""


@dataclass(frozen=True)
class Snapshot:
    """The lake as of a version, its events under the keys that `moves` gives them.

    Its files stay until `Lake.vacuum`; then reading raises `SnapshotGone`.
    """

    store: Store
    version: int
    files: tuple[EventFile, ...]
    moves: Moves = NO_MOVES

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    def received_since(self, moment: datetime) -> Snapshot:
        """Of its files those that can hold events received since: the others were written before."""
        earliest = moment - CLOCKS_DIFFER
        return replace(self, files=tuple(file for file in self.files if file.written_at >= earliest))

    def sources(self) -> dict[str, int]:
        """Number of events of each source."""
        counts: dict[str, int] = {}
        for file in self.files:
            for source, (rows, _latest) in self.store.footer(file.path).sources.items():
                counts[source] = counts.get(source, 0) + rows
        return counts

    def watermarks(self) -> dict[str, datetime]:
        """Time of the latest event of each source."""
        latest: dict[str, int] = {}
        for file in self.files:
            for source, (_rows, last) in self.store.footer(file.path).sources.items():
                latest[source] = max(latest.get(source, last), last)
        return {source: utc(last) for source, last in latest.items()}

    def read(
        self,
        columns: Sequence[str],
        *,
        keys: Sequence[int],
        sources: Sequence[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> pa.Table:
        """Events of some keys (a customer's story) in SORT_ORDER; `start` inclusive, `end` exclusive."""
        wanted = _wanted(columns, sources, start, end, ())
        found = self.query(
            f"select {_names(wanted.columns)} from events "  # noqa: S608 (known columns only)
            "where key in (select unnest($keys::bigint[])) "
            "and ($sources is null or list_contains($sources::varchar[], source)) "
            "and ($start is null or time >= $start::timestamptz) "
            "and ($end is null or time < $end::timestamptz) "
            "order by key, time, seq, source, id",
            {"keys": list(keys), "sources": sources and list(sources), "start": start, "end": end},
        )
        return found.cast(pa.schema([EVENT_SCHEMA.field(name) for name in wanted.columns]))

    def find_case(
        self, source: str, case: str, columns: Sequence[str] = tuple(EVENT_SCHEMA.names)
    ) -> pa.Table:
        """Events of one case in the order of events, whichever customers' stories (`key`) they belong to."""
        wanted = _wanted(columns, None, None, None, ())
        found = self.query(
            f"select {_names(wanted.columns)} from events "  # noqa: S608 (known columns only)
            'where case_key = $key and source = $source and "case" = $case order by time, seq, source, id',
            {"key": case_key(source, case), "source": source, "case": case},
        )
        return found.cast(pa.schema([EVENT_SCHEMA.field(name) for name in wanted.columns]))

    def sources_of(self, file: EventFile) -> frozenset[str]:
        """Whose events a file holds."""
        return frozenset(self.store.footer(file.path).sources)

    def paths(self) -> list[str]:
        """Addresses of the files: paths on local disk, else URLs."""
        local = self.store.local
        return [str(local / file.path) if local else f"{self.store.uri}/{file.path}" for file in self.files]

    def query(
        self, sql: str, params: Sequence[object] | Mapping[str, object] | None = None, *, memory: str = "2GB"
    ) -> pa.Table:
        """Answer of DuckDB (built-in extensions, no network) over the view `events`.

        It has the envelope's columns (times in UTC), and `month` ("2011-10") and `bucket`, by which files are
        left out. `params` fill `?` or `$name`.
        """
        with connect(memory) as connection:
            try:
                name = "stored" if self.moves else "events"
                show_events(connection, name, self.store, self.files, TABLE_SCHEMA)
                if self.moves:
                    self._show_moved(connection)
                return connection.sql(sql, params=params).to_arrow_table()
            except duckdb.IOException as error:
                self._explain(error)
                raise

    def _show_moved(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Put events whose key changed under the keys of today."""
        connection.register("pulled_keys", pa.table({"key": self.moves.pulled}))
        moved = connection.sql("from stored semi join pulled_keys using (key)").to_arrow_table()
        connection.register("moved", self.moves.applied(moved))
        connection.execute(
            "create temp view events as "
            "from stored anti join pulled_keys using (key) union all by name from moved"
        )

    def _explain(self, error: duckdb.IOException) -> None:
        local = self.store.local
        missing = [file.path for file in self.files if local is not None and not (local / file.path).exists()]
        if missing:
            raise gone(missing[0]) from error


@dataclass(frozen=True)
class Unit:
    """Whole customers: the events whose keys lie in one range, over all months. Small to pickle."""

    store: Store
    files: tuple[EventFile, ...]
    low: int
    high: int
    moves: Moves = NO_MOVES

    @property
    def body(self) -> tuple[EventFile, ...]:
        """Its files of the body, which do not change as events arrive."""
        return tuple(file for file in self.files if not file.in_tail)

    def read(
        self,
        columns: Sequence[str],
        *,
        sources: Sequence[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        encoded: Sequence[str] = (),
    ) -> pa.Table:
        """Events of the unit in SORT_ORDER; `start` inclusive, `end` exclusive.

        Columns named in `encoded` come as dictionary<int32, string> with one dictionary for the table:
        cheaper to read, to order and to recode than plain strings.
        """
        return self._reader().sorted(_wanted(columns, sources, start, end, encoded))

    def slices(self, columns: Sequence[str], encoded: Sequence[str] = ()) -> list[Slice]:
        """The body's rows file by file, oldest month first, each sorted by key (the first of `columns`);
        under the keys by which they lie there, whatever their source."""
        return read_slices(self.store, self.body, (self.low, self.high), columns, encoded)

    def settled(self) -> Unit:
        """The rows of the body alone, as they lie there: what `PLACE` counts first."""
        return Unit(self.store, self.body, self.low, self.high)

    def loose(
        self, columns: Sequence[str], *, sources: Sequence[str] | None = None, encoded: Sequence[str] = ()
    ) -> pa.Table | None:
        """The other rows (of the tail, or moved from another key), which `PLACE` counts after those.

        None without any.
        """
        found = self._reader().loose(_wanted(columns, sources, None, None, encoded))
        return None if found is None else found.select(list(columns))

    def _reader(self) -> Reader:
        return Reader(self.store, self.files, self.low, self.high, self.moves)


def units(snapshot: Snapshot, count: int) -> list[Unit]:
    """Cut a snapshot into `count` parts of about equal size such that every customer is whole in one of them.

    Keys are hashes, so equal ranges hold about equally many; with a power of two, ranges and buckets nest.
    """
    if count < 1:
        raise ValueError(f"A snapshot is cut into 1 part or more, not {count}.")
    cut = []
    for part in range(count):
        low, high = key_range(part, count)
        files = tuple(
            file
            for file in snapshot.files
            if snapshot.moves or (file.key_range()[0] <= high and file.key_range()[1] >= low)
        )
        cut.append(Unit(snapshot.store, files, low, high, snapshot.moves))
    return cut


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _wanted(
    columns: Sequence[str],
    sources: Sequence[str] | None,
    start: datetime | None,
    end: datetime | None,
    encoded: Sequence[str],
) -> Wanted:
    for moment in (start, end):
        if moment is not None and moment.tzinfo is None:
            raise ValueError(f"{moment} has no time zone; give one.")
    return Wanted(tuple(columns), None if sources is None else frozenset(sources), start, end, tuple(encoded))
