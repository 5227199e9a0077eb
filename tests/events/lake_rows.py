"""Small events for the tests of the lake, and what a lake must hold after a sequence of imports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from towpath.events.envelope import EVENT_SCHEMA, SORT_ORDER, case_key, subject, subject_key
from towpath.events.lake import Absorbed, Lake, Snapshot, Staging

START = datetime(2011, 10, 28, 12, 0, tzinfo=UTC)
Row = dict[str, Any]


def event(number: int, **given: Any) -> Row:
    """An event that is `number` hours after START, of customer `number % 5`, unless said otherwise."""
    row: Row = {field.name: None for field in EVENT_SCHEMA}
    row |= {
        "source": "shop",
        "id": f"e{number}",
        "seq": number,
        "time": START + timedelta(hours=number),
        "received": START,
        "type": "viewed",
        "identifier": f"mail:customer-{number % 5}@shop.example",
        "case": f"order-{number % 3}",
        "latency_ms": float(number),
        "data": f'{{"number": {number}}}',
    }
    row |= given
    row["key"] = subject_key(subject(row["identifier"], row["case"], row["source"], None))
    row["case_key"] = None if row["case"] is None else case_key(row["source"], row["case"])
    return row | {name: value for name, value in given.items() if name in ("key", "case_key")}


def batch(rows: Iterable[Row]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(list(rows), schema=EVENT_SCHEMA)


def in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: tuple(row[name] for name in SORT_ORDER))


def stage(folder: Path, name: str, rows: Sequence[Row]) -> Staging:
    staging = Staging(folder / "staging", name)
    if rows:
        staging.append(batch(rows))
    staging.checkpoint({"at": len(rows)})
    return staging


def new_lake(folder: Path, *, bucket_rows: int = 2_000_000) -> Lake:
    lake = Lake(folder / "lake", bucket_rows=bucket_rows)
    lake.create()
    return lake


def import_rows(lake: Lake, folder: Path, name: str, rows: Sequence[Row]) -> Absorbed:
    return lake.absorb(stage(folder, name, rows))


def everything(snapshot: Snapshot) -> list[Row]:
    """All rows of a snapshot in SORT_ORDER, by way of SQL."""
    found = snapshot.query("select * exclude (month, bucket) from events")
    return in_order(found.to_pylist())
