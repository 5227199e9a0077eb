"""The same journey events as a lake, as Parquet, and as each peer's own table; how long each took to load."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from journey_events import CHANNELS, COMPONENTS, STEPS, parts, table_of

TEXTS = {"type": STEPS, "channel": CHANNELS, "component": COMPONENTS}


def make_lake(home: Path, events: int) -> dict[str, float]:
    """By Towpath's own writer, as an import of a file would; events come in a part of the customers at a
    time. Returns the number of events and seconds."""
    from towpath.events.lake import Lake, Staging

    lake = Lake(home / "lake")
    lake.create()
    staging, seconds = Staging(home / "staging", "journeys"), 0.0
    for part in parts(events):
        table = table_of(part, staging.rows)
        begun = time.perf_counter()
        for batch in table.to_batches():
            staging.append(batch)
        seconds += time.perf_counter() - begun
    rows, begun = staging.rows, time.perf_counter()
    lake.absorb(staging)
    return {"events": rows, "seconds": seconds + time.perf_counter() - begun}


def make_rows(home: Path, folder: Path) -> None:
    """One Parquet file, sorted by customer and time; `step` is the place of the type."""
    files = [str(file) for file in (home / "lake" / "events").glob("month=*/*/*.parquet")]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            "copy (select key, epoch_us(time) as time, "  # noqa: S608 (our own names)
            f"(list_position({list(STEPS)}, type) - 1)::utinyint as step, {', '.join(TEXTS)}, latency_ms "
            f"from read_parquet({files}) order by key, time) to '{folder}/rows.parquet' "
            "(format parquet, compression zstd)"
        )


def make_duckdb(folder: Path) -> None:
    with duckdb.connect(str(folder / "peers.duckdb")) as connection:
        for name, values in TEXTS.items():
            connection.execute(f"create type {name}_kind as enum {values}")
        texts = ", ".join(f"{name}::{name}_kind as {name}" for name in TEXTS)
        connection.execute(
            f"create table events as select key, time, step, {texts}, latency_ms "  # noqa: S608
            f"from '{folder}/rows.parquet'"
        )


def make_chdb(folder: Path) -> None:
    from chdb.session import Session

    session = Session(str(folder / "chdb"))
    texts = ", ".join(f"{name} LowCardinality(String)" for name in TEXTS)
    session.query("create database bench")
    session.query(
        f"create table bench.events (key Int64, time Int64, step UInt8, {texts}, latency_ms Float64) "
        "engine = MergeTree order by (key, time)"
    )
    names = f"key, time, step, {', '.join(TEXTS)}, latency_ms"
    session.query(
        f"insert into bench.events select {names} from file('{folder}/rows.parquet', Parquet)"  # noqa: S608
    )
    session.query("optimize table bench.events final")
    session.close()


def make_forms(home: Path, folder: Path) -> dict[str, float]:
    """Seconds for each form but the lake; Polars' frame is made by each process that asks it."""
    folder.mkdir(parents=True, exist_ok=True)
    steps: dict[str, Callable[[], None]] = {
        "Parquet, sorted": lambda: make_rows(home, folder),
        "DuckDB table, from that": lambda: make_duckdb(folder),
        "chdb MergeTree, from that": lambda: make_chdb(folder),
    }
    seconds = {}
    for name, make in steps.items():
        begun = time.perf_counter()
        make()
        seconds[name] = time.perf_counter() - begun
    return seconds
