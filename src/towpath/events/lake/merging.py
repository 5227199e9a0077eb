"""Merging staged rows with the body, out of core: DuckDB finds what is new and sorts it, spilling to disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake.duck import connect, show_body, show_files
from towpath.events.lake.layout import BodyFile, bucket_bounds
from towpath.events.lake.staging import Staging
from towpath.events.lake.storage import Store

BATCH_ROWS = 32_768
_IDENTITY = pa.schema([EVENT_SCHEMA.field(name) for name in ("source", "id")])


@dataclass(frozen=True)
class Merger:
    """Staged rows beside the body, in one DuckDB connection.

    `leave_out_known` comes first; from then on rows that are not new are left out throughout.
    """

    connection: duckdb.DuckDBPyConnection
    store: Store
    staged: dict[str, list[Path]]

    def leave_out_known(self, body: Sequence[BodyFile]) -> int:
        """Find rows whose (source, id) came earlier in the import, or is in the body, in whatever month.

        Returns their number.
        """
        run = self.connection.execute
        show_files(self.connection, "staged", [file for files in self.staged.values() for file in files])
        show_body(self.connection, "known", self.store, body, _IDENTITY)
        run("create temp table named as select source, id, ordinal from staged")
        run("create temp table firsts as select source, id, min(ordinal) as ordinal from named group by all")
        run("create temp table left_out as select ordinal from named anti join firsts using (ordinal)")
        run("insert into left_out select ordinal from firsts semi join known using (source, id)")
        run("drop table named")
        run("drop table firsts")
        return len(self.connection.table("left_out"))

    def new_buckets(self, month: str, of: int) -> npt.NDArray[np.int64]:
        """Number of new rows of a month for each of `of` buckets."""
        counts = np.zeros(of, dtype=np.int64)
        show_files(self.connection, "staged", self.staged[month])
        keys = self.connection.sql("select key from staged anti join left_out using (ordinal)")
        for batch in keys.to_arrow_reader(BATCH_ROWS * 8):
            places = np.searchsorted(bucket_bounds(of), batch.column(0).to_numpy(), side="right")
            counts += np.bincount(places, minlength=of)
        return counts

    def sorted_rows(self, month: str, old: Sequence[BodyFile]) -> Iterator[pa.RecordBatch]:
        """New rows of a month and all rows of `old`, in SORT_ORDER, in batches of `EVENT_SCHEMA`."""
        show_files(self.connection, "staged", self.staged[month])
        show_body(self.connection, "old", self.store, old, EVENT_SCHEMA)
        rows = self.connection.sql(
            "from old union all by name "
            "select * exclude (ordinal) from staged anti join left_out using (ordinal) "
            "order by key, time, seq, source, id"
        )
        for batch in rows.to_arrow_reader(BATCH_ROWS):
            yield pa.RecordBatch.from_arrays(batch.columns, schema=EVENT_SCHEMA)


@contextmanager
def merger(store: Store, staging: Staging, memory: str) -> Iterator[Merger]:
    """A `Merger` whose sort and joins stay within `memory` ("2GB") and spill into the staging folder."""
    spill = staging.path / "spill"
    shutil.rmtree(spill, ignore_errors=True)
    connection = connect(memory, spill)
    try:
        yield Merger(connection, store, staging.months())
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)
