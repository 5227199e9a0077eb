"""How a body file is written: row groups, encodings, and what its footer tells."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake.layout import ROW_GROUP_ROWS, EventFile, event_path, utc
from towpath.events.lake.storage import SOURCES_KEY, Store

ROW_GROUP_BYTES = 256 << 20
"""A row group is closed earlier when its rows are this wide."""

_NEARLY_UNIQUE = {"id", "seq", "time", "data", "trace"}
_DICTIONARIES = [name for name in EVENT_SCHEMA.names if name not in _NEARLY_UNIQUE]
_STATISTICS = ["key", "case_key", "time", "source", "type"]


class EventWriter:
    """Writes one body file from sorted rows, a row group at a time. Invisible to readers until committed."""

    def __init__(self, store: Store, month: str, bucket: int, of: int, token: str) -> None:
        self._month, self.bucket, self._of = month, bucket, of
        self.path = event_path(month, bucket, of, token)
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._first: int | None = None
        self._last: int | None = None
        self._sources: dict[str, tuple[int, int]] = {}
        self._sink = store.create(self.path)
        self._parquet = pq.ParquetWriter(
            self._sink,
            EVENT_SCHEMA,
            compression="zstd",
            use_dictionary=_DICTIONARIES,
            write_statistics=_STATISTICS,
        )

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            # On a full disk closing fails again; the first error is the one to tell.
            with suppress(OSError):
                self._parquet.close()
            with suppress(OSError):
                self._sink.close()

    def append(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        rows = sum(part.num_rows for part in self._waiting)
        if rows >= ROW_GROUP_ROWS or sum(part.nbytes for part in self._waiting) >= ROW_GROUP_BYTES:
            self._write_group()

    def finish(self) -> EventFile:
        self._write_group()
        self._parquet.add_key_value_metadata({SOURCES_KEY: json.dumps(self._sources)})
        self._parquet.close()
        size = self._sink.tell()
        self._sink.close()
        if self._first is None or self._last is None:
            raise ValueError(f"{self.path} has no rows; a body file is only written for some.")
        return EventFile(
            path=self.path,
            month=self._month,
            bucket=self.bucket,
            of=self._of,
            rows=self._rows,
            bytes=size,
            min_time=utc(self._first),
            max_time=utc(self._last),
            written_at=datetime.now(UTC),
        )

    def _write_group(self) -> None:
        if not self._waiting:
            return
        table = pa.Table.from_batches(self._waiting)
        self._waiting = []
        self._parquet.write_table(table, row_group_size=table.num_rows)
        self._rows += table.num_rows
        self._summarise(table)

    def _summarise(self, table: pa.Table) -> None:
        micros = pa.table({"source": table["source"], "time": table["time"].cast(pa.int64())})
        extent = pc.min_max(micros["time"])
        low, high = extent["min"].as_py(), extent["max"].as_py()
        self._first = low if self._first is None else min(self._first, low)
        self._last = high if self._last is None else max(self._last, high)
        for row in micros.group_by("source").aggregate([("time", "count"), ("time", "max")]).to_pylist():
            rows, latest = self._sources.get(row["source"], (0, row["time_max"]))
            self._sources[row["source"]] = (rows + row["time_count"], max(latest, row["time_max"]))
