"""Reading sorted events from the body: only the files, row groups and columns that a question needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake.layout import BodyFile
from towpath.events.lake.storage import Store


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
        unknown = [name for name in (*self.columns, *self.encoded) if name not in EVENT_SCHEMA.names]
        if unknown:
            raise ValueError(f"No such column of events: {', '.join(unknown)}")

    @property
    def needed(self) -> list[str]:
        """Columns to read: those asked for and those that decide."""
        needed = dict.fromkeys([*self.columns, "key"])
        if self.sources is not None:
            needed["source"] = None
        if self.start is not None or self.end is not None:
            needed["time"] = None
        return list(needed)

    def may_hold(self, file: BodyFile) -> bool:
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

    def finish(self, runs: Sequence[pa.Table]) -> pa.Table:
        """One table from runs that are each sorted, in the order of their months.

        Months are disjoint in time, so a stable sort by key alone gives SORT_ORDER over all.
        """
        if not runs:
            return self._typed(EVENT_SCHEMA.empty_table().select(self.needed)).select(list(self.columns))
        table = pa.concat_tables(self._typed(run) for run in runs)
        if self.encoded:
            table = table.unify_dictionaries()
        order = merge_order([run["key"].to_numpy() for run in runs])
        table = table.select(list(self.columns))
        return table if order is None else table.take(pa.array(order))

    def _typed(self, run: pa.Table) -> pa.Table:
        """The envelope's columns and types, whatever an older file lacks."""
        columns, fields = [], []
        for name in self.needed:
            field = EVENT_SCHEMA.field(name)
            if name in self.encoded:
                field = field.with_type(pa.dictionary(pa.int32(), pa.string()))
            present = (
                run[name] if name in run.column_names else pa.chunked_array([pa.nulls(len(run), field.type)])
            )
            columns.append(present.cast(field.type))
            fields.append(field)
        return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def merge_order(runs: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64] | None:
    """Order that merges ascending runs, equal keys by run; None when they follow one another as they are."""
    if all(before[-1] <= after[0] for before, after in pairwise(runs)):
        return None
    # NumPy's stable sort of 64-bit integers finds the runs and merges them; it does not sort anew.
    return np.argsort(np.concatenate(runs), kind="stable")


def read_range(
    store: Store, files: Sequence[BodyFile], low: int, high: int, wanted: Wanted
) -> list[pa.Table]:
    """Sorted runs of the events with `low` <= key <= `high`, in the order of the files."""
    runs = []
    for file in files:
        first, last = file.key_range()
        if first > high or last < low or not wanted.may_hold(file):
            continue
        footer = store.footer(file.path)
        groups = np.flatnonzero((footer.first_keys <= high) & (footer.last_keys >= low)).tolist()
        if groups and (wanted.sources is None or not wanted.sources.isdisjoint(footer.sources)):
            run = store.read(file.path, groups, wanted.needed, wanted.encoded)
            keys = run["key"].to_numpy()
            start, end = np.searchsorted(keys, low, "left"), np.searchsorted(keys, high, "right")
            runs.append(wanted.filtered(run.slice(start, end - start)))
    return [run for run in runs if run.num_rows]
