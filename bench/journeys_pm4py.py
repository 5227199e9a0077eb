"""What pm4py takes for directly-follows and variants, at a size that it can take.

python bench/journeys_pm4py.py FOLDER [--runs 1]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import pandas as pd
import pm4py
from journeys_peers import peak_mb

EVENTS = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=1)
    folder = parser.parse_args().folder
    log = _log(folder)
    seconds = {}
    begun = time.perf_counter()
    edges, _starts, _ends = pm4py.discover_dfg(log)
    pm4py.discover_performance_dfg(log)
    seconds["directly-follows with durations, s"] = time.perf_counter() - begun
    begun = time.perf_counter()
    variants = pm4py.get_variants(log)
    seconds["variants, s"] = time.perf_counter() - begun
    told = {"events": len(log), "edges": len(edges), "different variants": len(variants), **seconds}
    sys.stdout.write(json.dumps({"seconds": [0.0], "answer": told, "peak_mb": peak_mb()}))


def _log(folder: Path) -> pd.DataFrame:
    """The first customers, as many as have a million events."""
    rows = pd.read_parquet(folder / "rows.parquet", columns=["key", "time", "type"]).head(EVENTS)
    frame = pd.DataFrame(
        {
            "case:concept:name": rows["key"].astype(str),
            "concept:name": rows["type"],
            "time:timestamp": pd.to_datetime(rows["time"], unit="us", utc=True),
        }
    )
    return pm4py.format_dataframe(frame)


if __name__ == "__main__":
    main()
