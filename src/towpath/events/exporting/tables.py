"""Parquet and CSV: one row an event, one column for each field of the envelope."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from towpath.events.envelope import EVENT_SCHEMA

_TIMES = ("time", "received")
_TEXTS = tuple(field.name for field in EVENT_SCHEMA if field.type == pa.string())
_FORMULA = r"^([=+\-@\t\r])"
"""What a spreadsheet takes for a formula when it opens a CSV file."""


def write_parquet(slices: Iterable[pa.Table], file: BinaryIO) -> int:
    """One row group a slice, compressed with zstd. Returns the number of events."""
    events = 0
    with pq.ParquetWriter(file, EVENT_SCHEMA, compression="zstd") as writer:
        for table in slices:
            writer.write_table(table)
            events += table.num_rows
    return events


def write_csv(slices: Iterable[pa.Table], file: BinaryIO, *, for_spreadsheets: bool) -> int:
    """RFC 4180 in UTF-8, with a header; a missing value is an empty field, times are ISO 8601 in UTC.

    `for_spreadsheets` puts an apostrophe before texts that a spreadsheet would run as a formula: safe to
    open, no longer exactly what came in. Returns the number of events.
    """
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    events = 0
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(EVENT_SCHEMA.names)
        for table in slices:
            writer.writerows(_rows(table, for_spreadsheets))
            events += table.num_rows
    finally:
        text.detach()
    return events


def _rows(table: pa.Table, for_spreadsheets: bool) -> Iterable[tuple[object, ...]]:
    columns = []
    for name in EVENT_SCHEMA.names:
        column = table[name]
        if name in _TIMES:
            column = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
        elif for_spreadsheets and name in _TEXTS:
            column = pc.replace_substring_regex(column, pattern=_FORMULA, replacement=r"'\1")
        columns.append(column.to_pylist())
    return zip(*columns, strict=True)
