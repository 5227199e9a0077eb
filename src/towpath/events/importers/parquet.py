"""Parquet, streaming: times, decimals and bytes become texts; lists and structs become JSON."""

from __future__ import annotations

import base64
import difflib
import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from towpath.events.importers.chunks import Block, ImportFailed
from towpath.events.importers.files import Source
from towpath.events.mapping import Mapping


def read_parquet(source: Source, mapping: Mapping, chunk_rows: int) -> Iterator[Block]:
    """Blocks of `chunk_rows` rows. A damaged file raises ImportFailed after its last readable block."""
    done = 0
    try:
        file = pq.ParquetFile(source.raw())
        _check_columns(source, mapping, file.schema_arrow.names)
        total = max(1, file.metadata.num_rows)
        for batch in file.iter_batches(batch_size=chunk_rows):
            if not len(batch):
                continue
            first = done + 1
            done += len(batch)
            source.reach(source.bytes_total * done // total)
            columns = [_plain_column(column) for column in batch.columns]
            names = batch.schema.names
            rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
            yield Block(lambda at, first=first: f"row {first + at}", rows)  # type: ignore[misc]
    except (pa.ArrowException, OSError) as error:
        what = f"The Parquet file cannot be read after row {done:,} ({str(error).splitlines()[0][:200]})."
        raise ImportFailed(
            source.name, None, what, "Copy or export it again, then import it anew."
        ) from error


def _check_columns(source: Source, mapping: Mapping, names: list[str]) -> None:
    for column in mapping.columns():
        if column not in names:
            near = difflib.get_close_matches(column, names, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"The file has: {', '.join(names)[:300]}."
            what = f"The column {column!r} is missing."
            raise ImportFailed(source.name, None, what, f"{hint} Mend the mapping.")


def _plain_column(column: pa.Array) -> list[object]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain_column(column.dictionary_decode())
    if pa.types.is_timestamp(kind) or pa.types.is_decimal(kind):
        return list(column.cast(pa.string()).to_pylist())
    if pa.types.is_floating(kind):
        return _plain_floats(column)
    if pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return list(column.to_pylist())
    return [plain(value) for value in column.to_pylist()]


def _plain_floats(column: pa.Array) -> list[object]:
    values: list[object] = column.to_pylist()
    if pc.all(pc.is_finite(column)).as_py() is False:
        return [plain(value) for value in values]
    return values


def plain(value: object) -> object:
    """A value in JSON's types: times in ISO 8601, numbers that JSON has not as texts, bytes in base64."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return _plain_text(value)


def _plain_text(value: object) -> object:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, (Decimal, timedelta)) else value
