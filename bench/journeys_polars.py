"""The questions of `journeys.py`, asked of Polars: lazily over Parquet, or of a sorted frame in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from journeys_peers import NEAR, RULED, STEP_COUNT, WINDOW_US, edges, reached, told_hourly, touched, varied


def questions(form: str, folder: Path) -> dict[str, Callable[[], dict[str, Any]]]:
    file = folder / "rows.parquet"
    if form == "frame":
        held = pl.read_parquet(file).with_columns(
            pl.col("key").set_sorted(), pl.col("type", "channel", "component").cast(pl.Categorical)
        )
        rows = held.lazy()
    else:
        rows = pl.scan_parquet(file).with_columns(pl.col("key").set_sorted())
    return {
        "scan": lambda: {
            "rows": int(rows.select(pl.len(), pl.col("key", "time", "step").sum()).collect()["len"][0])
        },
        "funnel": lambda: _funnel(rows.select("key", "time", "step")),
        "ruled": lambda: _funnel(rows.select("key", "time", _ruled().alias("step"))),
        "touch": lambda: _touches(rows.select("key", "time", "step")),
        "flow": lambda: _edges(rows),
        "variants": lambda: _variants(rows),
        "hourly": lambda: _hourly(rows),
    }


def _ruled() -> pl.Expr:
    found: Any = pl
    for place, (name, component) in enumerate(RULED.items()):
        matches = (
            (pl.col("type") == name) & (pl.col("component") == component) & pl.col("channel").is_in(NEAR)
        )
        found = found.when(matches).then(pl.lit(place, pl.UInt8))
    return found.otherwise(pl.lit(99, pl.UInt8))


def _funnel(rows: pl.LazyFrame) -> dict[str, Any]:
    """Latest start of a chain per level, carried forward; as few rows at each level as can be."""
    whole = rows.collect()
    level = whole.filter(pl.col("step") == 0).select("key", "time", begun="time")
    counts = [level["key"].n_unique()]
    for step in range(1, STEP_COUNT):
        level = (
            whole.filter(pl.col("step") == step)
            .select("key", "time")
            .join_asof(
                level.rename({"time": "at"}), left_on="time", right_on="at", by="key",
                allow_exact_matches=False, check_sortedness=False,
            )
            .filter(pl.col("time") - pl.col("begun") <= WINDOW_US)
            .select("key", "time", "begun")
        )  # fmt: skip
        counts.append(level["key"].n_unique())
    by_level = [here - more for here, more in zip(counts, [*counts[1:], 0], strict=True)]
    return reached({place + 1: count for place, count in enumerate(by_level)})


def _touches(rows: pl.LazyFrame) -> dict[str, Any]:
    whole = rows.collect()
    there = whole.filter(pl.col("step") == 0).unique("key", keep="first", maintain_order=True)
    there = there.select("key", "time", begun="time")
    found: list[tuple[int, float | None]] = [(len(there), 0.0)]
    for step in range(1, STEP_COUNT):
        later = whole.filter(pl.col("step") == step).select("key", then="time")
        there = (
            there.join_asof(
                later, left_on="time", right_on="then", by="key", strategy="forward",
                allow_exact_matches=False, check_sortedness=False,
            )
            .filter(pl.col("then") - pl.col("begun") <= WINDOW_US)
            .with_columns(took=pl.col("then") - pl.col("time"))
        )  # fmt: skip
        median = there["took"].median()
        found.append((len(there), None if median is None else float(median) / 1e6))  # type: ignore[arg-type]
        there = there.select("key", "begun", time="then")
    return touched(found)


def _edges(rows: pl.LazyFrame) -> dict[str, Any]:
    """Rows lie in order, so that neighbours are compared as they lie."""
    found = (
        rows.select(
            same=pl.col("key") == pl.col("key").shift(1),
            edge=pl.col("step").shift(1) * 8 + pl.col("step"),
            took=pl.col("time") - pl.col("time").shift(1),
        )
        .filter("same")
        .group_by("edge")
        .agg(pl.len(), pl.col("took").median())
        .collect()
    )
    return edges([(edge // 8, edge % 8, count, took / 1e6) for edge, count, took in found.rows()])


def _variants(rows: pl.LazyFrame) -> dict[str, Any]:
    ways = rows.group_by("key").agg(pl.col("step")).select("step").collect()["step"]
    return varied(ways.value_counts()["count"].to_list())


def _hourly(rows: pl.LazyFrame) -> dict[str, Any]:
    found = (
        rows.group_by(place=pl.col("time") // 3_600_000_000 * 8 + pl.col("step"))
        .agg(
            middle=pl.col("latency_ms").quantile(0.5, "linear"),
            high=pl.col("latency_ms").quantile(0.95, "linear"),
        )
        .collect()
    )
    return told_hourly(found.rows())
