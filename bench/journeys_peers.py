# ruff: noqa: S608 (SQL made of constants)
"""The questions of `journeys.py`, asked of others: DuckDB, chdb and Polars, each in the best form we know.

    python bench/journeys_peers.py ENGINE FORM QUESTION FOLDER [--runs 3]

One process for one question; prints JSON: seconds of each run after one that does not count, the answer, and
the most memory that the process held. `journeys_pm4py.py` asks pm4py.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STEP_COUNT = 8
WINDOW_US = 7 * 86_400_000_000
Answer = dict[str, Any]
Ask = Callable[[], Answer]

NEAR = ("web", "app", "phone", "chat")
RULED = {
    "viewed": "catalogue", "configured": "catalogue", "basket.filled": "basket", "signed.in": "accounts",
    "address.given": "accounts", "paid": "payment", "confirmed": "orders", "delivered": "logistics",
}  # fmt: skip
"""Type and component of each step, whose channel must be one of `NEAR`: the journey of `journeys_towpath.py`
with the same name says the same."""
RULE = " ".join(
    f"when type = '{name}' and channel in {NEAR} and component = '{component}' then {place}"
    for place, (name, component) in enumerate(RULED.items())
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name in ("engine", "form", "question"):
        parser.add_argument(name)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with ENGINES[given.engine](given.form, given.folder) as questions:
        sys.stdout.write(json.dumps(measured(questions[given.question], given.runs)))


def measured(ask: Ask, runs: int) -> Answer:
    """Seconds of `runs` runs after one that does not count, and of the processors in them: what the machine
    does beside makes the first longer, the second hardly."""
    seconds, busy = [], []
    for _run in range(runs + 1):
        begun, used = time.perf_counter(), time.process_time()
        answer = ask()
        seconds.append(time.perf_counter() - begun)
        busy.append(time.process_time() - used)
    peak = peak_mb()
    return {"seconds": seconds[1:], "busy": busy[1:], "first": seconds[0], "answer": answer, "peak_mb": peak}


def peak_mb() -> float:
    """The most memory that this process has held (Linux). What getrusage tells includes its parent's."""
    told = Path("/proc/self/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024


def reached(counts: dict[int, int]) -> Answer:
    """Of customers by their level: how many came to each step."""
    return {
        "reached": [
            sum(n for level, n in counts.items() if level >= step) for step in range(1, STEP_COUNT + 1)
        ]
    }


def touched(rows: list[tuple[int, float | None]]) -> Answer:
    """Customers at each step, and the median of seconds since the step before."""
    return {
        "reached": [int(count) for count, _median in rows],
        "medians": [round(median or 0.0, 3) for _count, median in rows[1:]],
    }


def edges(rows: list[tuple[int, int, int, float]]) -> Answer:
    return {
        "edges": sorted([int(a), int(b), int(count), round(median, 3)] for a, b, count, median in rows),
    }


def varied(counts: list[int]) -> Answer:
    """Cases, different sequences, and how frequent the most frequent ones are."""
    return {"cases": sum(counts), "distinct": len(counts), "top": sorted(counts, reverse=True)[:10]}


def told_hourly(rows: list[tuple[int, float, float]]) -> Answer:
    """Groups, and a sum over their medians: the same rows give the same."""
    return {"groups": len(rows), "sum": round(sum(row[1] for row in rows), 1)}


@contextmanager
def duckdb_engine(form: str, folder: Path) -> Iterator[dict[str, Ask]]:
    import duckdb

    database = str(folder / "peers.duckdb") if form == "table" else ":memory:"
    with duckdb.connect(database, read_only=form == "table") as connection:
        events = "events" if form == "table" else f"read_parquet('{folder}/rows.parquet')"

        def run(sql: str) -> list[tuple[Any, ...]]:
            return connection.execute(sql.replace("EVENTS", events)).fetchall()

        yield {
            "scan": lambda: {
                "rows": run("select count(key), bit_xor(key), sum(time), sum(step) from EVENTS")[0][0]
            },
            "funnel": lambda: reached(dict(run(_duckdb_funnel("select key, time, step from EVENTS")))),
            "ruled": lambda: reached(
                dict(run(_duckdb_funnel(f"select key, time, case {RULE} end as step from EVENTS")))
            ),
            "touch": lambda: touched(run(_duckdb_touches())),
            "flow": lambda: edges(run(_DUCKDB_EDGES)),
            "variants": lambda: varied([n for (n,) in run(_DUCKDB_VARIANTS)]),
            "hourly": lambda: told_hourly(run(_DUCKDB_HOURLY)),
        }


def _duckdb_funnel(rows: str) -> str:
    """Step by step: to each event the latest accepted one of the step before, whose chain began last."""
    parts = [f"e as materialized ({rows})", "l0 as (select key, time, time as begun from e where step = 0)"]
    parts += [
        f"l{step} as (select e.key, e.time, p.begun from (from e where step = {step}) e "
        f"asof join l{step - 1} p on e.key = p.key and e.time > p.time where e.time - p.begun <= {WINDOW_US})"
        for step in range(1, STEP_COUNT)
    ]
    levels = " union all ".join(f"select distinct key, {step + 1} as level from l{step}" for step in range(8))
    return (
        f"with {', '.join(parts)}, levels as ({levels}) "
        "select level, count(*) from (select key, max(level) as level from levels group by key) "
        "group by level"
    )


def _duckdb_touches() -> str:
    parts = [
        "t0 as (select key, min(time) as time, min(time) as begun, 0 as took from EVENTS "
        "where step = 0 group by key)"
    ]
    parts += [
        f"t{step} as (select p.key, e.time, p.begun, e.time - p.time as took from t{step - 1} p "
        f"asof join (select key, time from EVENTS where step = {step}) e "
        f"on p.key = e.key and p.time < e.time where e.time - p.begun <= {WINDOW_US})"
        for step in range(1, STEP_COUNT)
    ]
    told = " union all ".join(
        f"select {step} as step, count(*) as n, median(took) / 1e6 as m from t{step}" for step in range(8)
    )
    return f"with {', '.join(parts)} select n, m from ({told}) order by step"


_DUCKDB_EDGES = """
    select before // 8, before % 8, count(*), median(took) / 1e6 from (
        select lag(step) over () * 8 + step as before, time - lag(time) over () as took,
            key = lag(key) over () as same
        from (select key, time, step::integer as step from EVENTS)
    ) where same group by before
"""
"""Rows lie in order: a window without partitions streams, which is several times as fast as one with."""

_DUCKDB_VARIANTS = """
    select count(*) from (
        select key, string_agg(chr(97 + step), '' order by time) as way from EVENTS group by key
    ) group by way
"""
_DUCKDB_HOURLY = """
    select time // 3600000000 * 8 + step, quantile_cont(latency_ms, 0.5), quantile_cont(latency_ms, 0.95)
    from EVENTS group by all
"""


@contextmanager
def chdb_engine(form: str, folder: Path) -> Iterator[dict[str, Ask]]:
    from chdb.session import Session

    session = Session(str(folder / "chdb")) if form == "table" else Session()
    events = "bench.events" if form == "table" else f"file('{folder}/rows.parquet', Parquet)"

    def run(sql: str, settings: str = "") -> list[list[Any]]:
        found = session.query(sql.replace("EVENTS", events) + f" {settings}", "JSONCompact")
        return list(json.loads(str(found))["data"])

    in_order = "settings optimize_aggregation_in_order = 1" if form == "table" else ""

    def funnel(step: str) -> Answer:
        rows = run(_chdb_funnel(step), in_order)
        return reached({int(level): int(count) for level, count in rows})

    try:
        yield {
            "scan": lambda: {
                "rows": int(
                    run("select count(key), groupBitXor(key), sum(time), sum(step) from EVENTS")[0][0]
                )
            },
            "funnel": lambda: funnel("step"),
            "ruled": lambda: funnel(f"case {RULE} else 99 end as step"),
            "touch": lambda: touched([(int(n), float(m)) for n, m in run(_chdb_touches(form), in_order)]),
            "flow": lambda: edges(
                [(int(a), int(b), int(n), float(m)) for a, b, n, m in run(_chdb_edges(form), in_order)]
            ),
            "variants": lambda: varied([int(n) for (n,) in run(_chdb_variants(form), in_order)]),
            "hourly": lambda: told_hourly([(int(a), float(b), float(c)) for a, b, c in run(_CHDB_HOURLY)]),
        }
    finally:
        session.close()


def _chdb_funnel(step: str) -> str:
    steps = ", ".join(f"step = {place}" for place in range(STEP_COUNT))
    return (
        "select level, count() from (select key, "
        f"windowFunnel({WINDOW_US})(toUInt64(time), {steps}) as level "
        f"from (select key, time, {step} from EVENTS) group by key) group by level"
    )


def _sorted_arrays(form: str) -> str:
    """Times and steps of each customer; a sorted table gives them in order, a file has to be put in order."""
    if form == "table":
        return "select groupArray(time) as ts, groupArray(toInt8(step)) as ss from EVENTS group by key"
    return (
        "select arraySort(groupArray((time, toInt8(step)))) as both, both.1 as ts, both.2 as ss "
        "from EVENTS group by key"
    )


def _chdb_touches(form: str) -> str:
    """One pass over a customer's arrays that carries (step waited for, times of the touches)."""
    walk = (
        "arrayFold((acc, t, s) -> if(s = acc.1 and (s = 0 or t - acc.2[1] <= " + str(WINDOW_US) + "), "
        "(toInt8(acc.1 + 1), arrayPushBack(acc.2, t)), acc), ts, ss, (toInt8(0), emptyArrayInt64()))"
    )
    return (
        "select count(), quantileExactInclusive(0.5)(took) / 1e6 from ("
        "select arrayJoin(arrayEnumerate(times)) as place, "
        f"times[place] - times[greatest(place - 1, 1)] as took from (select {walk}.2 as times "
        f"from ({_sorted_arrays(form)}))) group by place order by place"
    )


def _chdb_edges(form: str) -> str:
    return (
        "select edge.1 as a, edge.2 as b, count(), quantileExactInclusive(0.5)(edge.3) / 1e6 from ("
        "select arrayJoin(arrayZip(arrayPopBack(ss), arrayPopFront(ss), "
        "arrayMap((x, y) -> y - x, arrayPopBack(ts), arrayPopFront(ts)))) as edge "
        f"from ({_sorted_arrays(form)})) group by a, b"
    )


def _chdb_variants(form: str) -> str:
    return f"select count() from (select ss from ({_sorted_arrays(form)})) group by ss"


_CHDB_HOURLY = """
    select intDiv(time, 3600000000) * 8 + step as place, quantileExactInclusive(0.5)(latency_ms),
        quantileExactInclusive(0.95)(latency_ms) from EVENTS group by place
"""


@contextmanager
def polars_engine(form: str, folder: Path) -> Iterator[dict[str, Ask]]:
    import journeys_polars

    yield journeys_polars.questions(form, folder)


ENGINES = {"duckdb": duckdb_engine, "chdb": chdb_engine, "polars": polars_engine}

if __name__ == "__main__":
    main()
