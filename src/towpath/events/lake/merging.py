"""Merging incoming rows with the body, out of core: DuckDB sorts them, spilling to disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake.duck import connect, show_events
from towpath.events.lake.layout import EventFile, bucket_bounds
from towpath.events.lake.storage import Store

BATCH_ROWS = 32_768


@dataclass(frozen=True)
class Merger:
    """Incoming rows beside the body, in one DuckDB connection.

    `months`: those of the incoming rows, oldest first. `incoming`: shows the rows of a month and returns
    their SQL. `leaving`: SQL that takes away rows of the body which come in anew ("anti join ...").
    """

    connection: duckdb.DuckDBPyConnection
    store: Store
    months: tuple[str, ...]
    incoming: Callable[[str], str]
    leaving: str = ""

    def new_buckets(self, month: str, of: int) -> npt.NDArray[np.int64]:
        """Number of incoming rows of a month for each of `of` buckets."""
        counts = np.zeros(of, dtype=np.int64)
        keys = self.connection.sql(f"select key from ({self.incoming(month)})")  # noqa: S608 (our own)
        for batch in keys.to_arrow_reader(BATCH_ROWS * 8):
            places = np.searchsorted(bucket_bounds(of), batch.column(0).to_numpy(), side="right")
            counts += np.bincount(places, minlength=of)
        return counts

    def sorted_rows(self, month: str, old: Sequence[EventFile]) -> Iterator[pa.RecordBatch]:
        """Incoming rows of a month and all rows of `old`, in SORT_ORDER, in batches of `EVENT_SCHEMA`."""
        incoming = self.incoming(month)
        show_events(self.connection, "old", self.store, old, EVENT_SCHEMA)
        names = ", ".join(f'"{name}"' for name in EVENT_SCHEMA.names)
        rows = self.connection.sql(
            f"select {names} from (from old {self.leaving} union all by name {incoming}) "  # noqa: S608
            "order by key, time, seq, source, id"
        )
        for batch in rows.to_arrow_reader(BATCH_ROWS):
            yield pa.RecordBatch.from_arrays(batch.columns, schema=EVENT_SCHEMA)


@contextmanager
def sorting(memory: str, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose sort and joins stay within `memory` ("2GB") and spill into a folder."""
    shutil.rmtree(spill, ignore_errors=True)
    connection = connect(memory, spill)
    try:
        yield connection
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)
