"""Reading sorted events, body and tail as one: only the files, row groups and columns that are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.envelope import EVENT_SCHEMA, SORT_ORDER
from towpath.events.lake.layout import KEY_MAX, KEY_MIN, EventFile
from towpath.events.lake.moves import SUBJECT_COLUMNS, Moves
from towpath.events.lake.storage import Store

PLACE = "place"
"""May be asked for beside the envelope's columns: where each row stands among all rows of the body in their
order, followed by the loose rows (those of the tail, and those whose key moved) in theirs."""

NUMBERS = SORT_ORDER[:3]
"""Order nearly all rows. The texts of SORT_ORDER are wide: of the body they are read only where rows tie."""

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Wanted:
    """Which columns of which events.

    `start` is inclusive, `end` exclusive. `encoded`: string columns to return dictionary-encoded, with one
    dictionary for the whole table.
    """

    columns: tuple[str, ...]
    sources: frozenset[str] | None = None
    start: datetime | None = None
    end: datetime | None = None
    encoded: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = (*EVENT_SCHEMA.names, PLACE)
        unknown = [name for name in (*self.columns, *self.encoded) if name not in known]
        if unknown:
            raise ValueError(f"No such column of events: {', '.join(unknown)}")

    def needed(self, ordering: Sequence[str]) -> list[str]:
        """Columns to read: those asked for, those that decide, and those that order."""
        needed = dict.fromkeys([*self.columns, *ordering])
        needed.pop(PLACE, None)
        if self.sources is not None:
            needed["source"] = None
        if self.start is not None or self.end is not None:
            needed["time"] = None
        return list(needed)

    def may_hold(self, file: EventFile) -> bool:
        return (self.end is None or file.min_time < self.end) and (
            self.start is None or file.max_time >= self.start
        )

    def filtered(self, table: pa.Table) -> pa.Table:
        tests = []
        if self.sources is not None:
            tests.append(pc.is_in(table["source"], pa.array(sorted(self.sources), pa.string())))
        if self.start is not None:
            tests.append(
                pc.greater_equal(table["time"], pa.scalar(self.start, EVENT_SCHEMA.field("time").type))
            )
        if self.end is not None:
            tests.append(pc.less(table["time"], pa.scalar(self.end, EVENT_SCHEMA.field("time").type)))
        for test in tests[1:]:
            tests[0] = pc.and_(tests[0], test)
        return table.filter(tests[0]) if tests else table

    def typed(self, run: pa.Table, names: Sequence[str]) -> pa.Table:
        """The envelope's columns and types, whatever an older file lacks."""
        columns, fields = [], []
        for name in names:
            field = EVENT_SCHEMA.field(name)
            if name in self.encoded:
                field = field.with_type(pa.dictionary(pa.int32(), pa.string()))
            present = (
                run[name] if name in run.column_names else pa.chunked_array([pa.nulls(len(run), field.type)])
            )
            columns.append(present.cast(field.type))
            fields.append(field)
        return pa.Table.from_arrays(columns, schema=pa.schema(fields))


@dataclass(frozen=True)
class Reader:
    """Reads the events of `files` with `low` <= key <= `high`, each under the key that `moves` gives it."""

    store: Store
    files: Sequence[EventFile]
    low: int
    high: int
    moves: Moves

    def sorted(self, wanted: Wanted) -> pa.Table:
        """All of them in SORT_ORDER."""
        loose = self.loose(wanted)
        if loose is None:
            return _shown(self._body(wanted, ["key"]), None, wanted)
        for ordering in (NUMBERS, SORT_ORDER):
            body = self._body(wanted, ordering)
            table, places, tied = self._merged(body, loose.select(body.column_names), wanted)
            if not tied:
                break
        return _shown(table, places, wanted)

    def loose(self, wanted: Wanted) -> pa.Table | None:
        """The rows that do not lie in the body under their key, in SORT_ORDER; None where there are none."""
        names = wanted.needed([*SORT_ORDER, *(SUBJECT_COLUMNS if self.moves else ())])
        low, high = (KEY_MIN, KEY_MAX) if self.moves else (self.low, self.high)
        runs = read_range(self.store, self._files(tail=True), (low, high), wanted, names)
        if self.moves:
            runs += read_keys(self.store, self._files(tail=False), self.moves.pulled, wanted, names)
        if not runs:
            return None
        table = _together(runs, wanted)
        if self.moves:
            table = self.moves.applied(table)
            keys = np.asarray(table["key"])
            table = table.filter(pa.array((keys >= self.low) & (keys <= self.high)))
        order, _tied = _ordered(table, np.arange(len(table)))
        return table.take(pa.array(order))

    def _body(self, wanted: Wanted, ordering: Sequence[str]) -> pa.Table:
        """Rows of the body. Months are disjoint in time, so a stable sort by key alone gives SORT_ORDER."""
        names = wanted.needed(ordering)
        runs = read_range(self.store, self._files(tail=False), (self.low, self.high), wanted, names)
        if not runs:
            return wanted.typed(EVENT_SCHEMA.empty_table(), names)
        table = _together(runs, wanted)
        order = merge_order([run["key"].to_numpy() for run in runs])
        return table if order is None else table.take(pa.array(order))

    def _merged(self, body: pa.Table, loose: pa.Table, wanted: Wanted) -> tuple[pa.Table, Int64, bool]:
        """Both in SORT_ORDER, the place of each row, and whether columns not read would order some."""
        rows = np.arange(len(body) + len(loose))
        if self.moves:
            gone = self.moves.pulls(np.asarray(body["key"]))
            rows = np.delete(rows, np.flatnonzero(gone))
        table = _together([body, loose], wanted)
        keys = np.asarray(table["key"])
        order = rows[np.argsort(keys[rows], kind="stable")]
        mixed = rows_of_keys(keys[order], np.unique(np.asarray(loose["key"])))
        order[mixed], tied = _ordered(table, order[mixed])
        return table.take(pa.array(order)), order, tied

    def _files(self, *, tail: bool) -> list[EventFile]:
        return [file for file in self.files if file.in_tail == tail]


def read_range(
    store: Store, files: Sequence[EventFile], keys: tuple[int, int], wanted: Wanted, names: Sequence[str]
) -> list[pa.Table]:
    """Sorted runs of the events with a key between both of `keys` (inclusive), in the order of the files."""
    low, high = keys
    runs = []
    for file in files:
        first, last = file.key_range()
        if first > high or last < low or not wanted.may_hold(file):
            continue
        footer = store.footer(file.path)
        groups = np.flatnonzero((footer.first_keys <= high) & (footer.last_keys >= low)).tolist()
        if groups and (wanted.sources is None or not wanted.sources.isdisjoint(footer.sources)):
            run = store.read(file.path, groups, names, wanted.encoded)
            there = run["key"].to_numpy()
            start, end = np.searchsorted(there, low, "left"), np.searchsorted(there, high, "right")
            runs.append(wanted.typed(wanted.filtered(run.slice(start, end - start)), names))
    return [run for run in runs if run.num_rows]


@dataclass(frozen=True)
class Slice:
    """Rows of a body file as they lie there, sorted by key: all those of a range of keys. `first`: place of
    the first one in the file."""

    file: EventFile
    first: int
    table: pa.Table


def read_slices(
    store: Store,
    files: Sequence[EventFile],
    keys: tuple[int, int],
    columns: Sequence[str],
    encoded: Sequence[str] = (),
) -> list[Slice]:
    """What each of the files holds between both of `keys` (inclusive), whatever its source; `columns` begin
    with the key."""
    low, high = keys
    wanted, slices = Wanted(tuple(columns), encoded=tuple(encoded)), []
    for file in files:
        first, last = file.key_range()
        if first > high or last < low:
            continue
        footer = store.footer(file.path)
        groups = np.flatnonzero((footer.first_keys <= high) & (footer.last_keys >= low)).tolist()
        if not groups:
            continue
        table = store.read(file.path, groups, columns, encoded)
        before = sum(footer.metadata.row_group(group).num_rows for group in range(groups[0]))
        start, end = 0, len(table)
        if footer.first_keys[groups[0]] < low or footer.last_keys[groups[-1]] > high:
            there = table["key"].to_numpy()
            start = int(np.searchsorted(there, low, "left"))
            end = int(np.searchsorted(there, high, "right"))
        if end > start:
            slices.append(Slice(file, before + start, wanted.typed(table.slice(start, end - start), columns)))
    return slices


def read_keys(
    store: Store, files: Sequence[EventFile], keys: Int64, wanted: Wanted, names: Sequence[str]
) -> list[pa.Table]:
    """Sorted runs of the events with one of `keys` (ascending), in the order of the files."""
    runs = []
    for file in files:
        if not wanted.may_hold(file):
            continue
        footer = store.footer(file.path)
        first = np.searchsorted(keys, footer.first_keys, "left")
        groups = np.flatnonzero(first < np.searchsorted(keys, footer.last_keys, "right")).tolist()
        if groups:
            run = store.read(file.path, groups, names, wanted.encoded)
            held = rows_of_keys(run["key"].to_numpy(), keys)
            runs.append(wanted.typed(wanted.filtered(run.filter(pa.array(held))), names))
    return [run for run in runs if run.num_rows]


def rows_of_keys(ascending: Int64, keys: Int64) -> npt.NDArray[np.bool_]:
    """Which rows of an ascending column hold one of `keys` (ascending, each once)."""
    bounds = np.zeros(len(ascending) + 1, np.int64)
    np.add.at(bounds, np.searchsorted(ascending, keys, "left"), 1)
    np.add.at(bounds, np.searchsorted(ascending, keys, "right"), -1)
    return np.cumsum(bounds[:-1]) > 0


def _ordered(table: pa.Table, rows: Int64) -> tuple[Int64, bool]:
    """`rows` of a table in SORT_ORDER, and whether columns that are not there would order some of them."""
    few = table.select([name for name in SORT_ORDER if name in table.column_names]).take(pa.array(rows))
    if few.num_columns == len(SORT_ORDER):
        plain = few.cast(pa.schema([EVENT_SCHEMA.field(name) for name in few.column_names]))
        order = pc.sort_indices(plain, [(name, "ascending") for name in SORT_ORDER])
        return rows[np.asarray(order)], False
    numbers = [np.asarray(few[name].cast(pa.int64())) for name in NUMBERS]
    found = np.lexsort(numbers[::-1])
    same = np.ones(max(len(found) - 1, 0), np.bool_)
    for values in numbers:
        same &= values[found][1:] == values[found][:-1]
    return rows[found], bool(same.any())


def _together(runs: Sequence[pa.Table], wanted: Wanted) -> pa.Table:
    table = pa.concat_tables(runs)
    return table.unify_dictionaries() if wanted.encoded else table


def _shown(table: pa.Table, places: Int64 | None, wanted: Wanted) -> pa.Table:
    """The columns asked for, in their order."""
    if PLACE in wanted.columns:
        stood = np.arange(len(table)) if places is None else places
        table = table.append_column(PLACE, pa.array(stood, pa.int64()))
    return table.select(list(wanted.columns))


def merge_order(runs: Sequence[Int64]) -> Int64 | None:
    """Order that merges ascending runs, equal keys by run; None when they follow one another as they are."""
    if all(before[-1] <= after[0] for before, after in pairwise(runs)):
        return None
    # NumPy's stable sort of 64-bit integers finds the runs and merges them; it does not sort anew.
    return np.argsort(np.concatenate(runs), kind="stable")
