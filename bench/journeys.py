"""Journeys in 20 million events: Towpath on its lake beside DuckDB, chdb, Polars and pm4py, in one run.

    python bench/journeys.py [--events 20000000] [--runs 3] [--keep FOLDER] [--alone]

Every engine in its own process, both on Parquet and on its own sorted table, after a run that does not count.
All must give the same answers. `--alone` measures Towpath only (the test of growth); `--keep` names a folder
for the data, which is used again if it is there. Polars and pm4py: pip install polars pm4py.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from installation import machine
from journeys_forms import make_forms, make_lake
from report import tell

EVENTS = 20_000_000
QUESTIONS = {
    "scan": "bare scan of three columns",
    "funnel": "funnel with re-entry",
    "touch": "first touch, exact medians",
    "flow": "directly-follows, exact medians",
    "variants": "variants",
    "hourly": "hourly quantiles per step",
    "ruled": "funnel, a rule over three columns",
}
OWN = {"ruled again": "the same once it is recognised", "page": "the funnel's whole page"}
PEERS = (("duckdb", "parquet"), ("duckdb", "table"), ("chdb", "parquet"), ("chdb", "table"),
         ("polars", "parquet"), ("polars", "frame"))  # fmt: skip
GIVES_UP_AFTER_S = 300
HERE = Path(__file__).parent
Found = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder for the data, used again if it is there")
    parser.add_argument("--alone", action="store_true", help="Towpath only")
    given = parser.parse_args()
    missing = [name for name in ("polars", "chdb", "pm4py") if not find_spec(name)]
    if missing and not given.alone:
        sys.exit(f"Not installed: {', '.join(missing)}. Install them (uv pip install ...), or give --alone.")
    folder = given.keep or Path(tempfile.mkdtemp(prefix="towpath-bench-"))
    try:
        bench(folder, given.events, given.runs, alone=given.alone)
    finally:
        if given.keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def bench(folder: Path, events: int, runs: int, *, alone: bool) -> None:
    figures: dict[str, object] = dict(loaded(folder, events, alone=alone))
    for question, name in {**QUESTIONS, **OWN}.items():
        own = asked("journeys_towpath.py", [question, str(folder / "home")], runs)
        figures[f"{name}: Towpath, s"] = _told(own)
        if alone or question in OWN:
            continue
        peers = {
            f"{engine} {form}": asked(
                "journeys_peers.py", [engine, form, question, str(folder / "forms")], runs
            )
            for engine, form in PEERS
        }
        check_alike(name, own, peers)
        figures |= {f"{name}: {peer}, s": _told(found) for peer, found in peers.items()}
        best = min((peer for peer in peers if "answer" in peers[peer]), key=lambda peer: _median(peers[peer]))
        figures[f"{name}: best peer : Towpath"] = [_median(peers[best]) / _median(own), best]
        figures[f"{name}: the same, of processors"] = median(peers[best]["busy"]) / median(own["busy"])
    if not alone:
        asked_pm4py = asked("journeys_pm4py.py", [str(folder / "forms")], 1)
        figures |= {f"pm4py: {name}": value for name, value in asked_pm4py.get("answer", {}).items()}
    tell("journeys" if not alone else f"journeys-{events // 1_000_000}m", machine(), figures)


def loaded(folder: Path, events: int, *, alone: bool) -> Found:
    """What loading took; what is there already is left alone. Raises RuntimeError for other data."""
    note = folder / "loaded.json"
    took: Found = json.loads(note.read_text()) if note.exists() else {}
    if took.get("asked for", events) != events:
        raise RuntimeError(f"{folder} holds {took['asked for']:,} events; name another folder.")
    if not took:
        lake = make_lake(folder / "home", events)
        took = {"asked for": events, "events": lake["events"], "loading: lake, s": lake["seconds"]}
    if not alone and "loading: Parquet, sorted, s" not in took:
        forms = make_forms(folder / "home", folder / "forms")
        took |= {f"loading: {name}, s": seconds for name, seconds in forms.items()}
    note.write_text(json.dumps(took))
    return took


def asked(script: str, arguments: list[str], runs: int) -> Found:
    """What a process of its own found; `failed` where it did not, or took too long."""
    command = [sys.executable, str(HERE / script), *arguments, "--runs", str(runs)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=GIVES_UP_AFTER_S, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"longer than {GIVES_UP_AFTER_S} s"}
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:] or ["killed"]}
    return dict(json.loads(done.stdout[done.stdout.index("{") :]))


def check_alike(name: str, own: Found, peers: dict[str, Found]) -> None:
    """Raises RuntimeError where answers differ."""
    for peer, found in peers.items():
        if "answer" in found and not alike(own["answer"], found["answer"]):
            raise RuntimeError(f"{name}: {peer} answers {found['answer']}, Towpath {own['answer']}")


def alike(one: Any, other: Any) -> bool:
    """Equal, numbers to a millisecond or a ten-millionth: engines round medians and sums differently."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(abs(one - other) <= max(0.0011, 1e-7 * abs(one)))


def _median(found: Found) -> float:
    return median(found["seconds"])


def _told(found: Found) -> object:
    """Median, fastest and slowest run, and the most memory."""
    if "failed" in found:
        return f"failed: {found['failed']}"
    seconds = found["seconds"]
    spread = [_median(found), "from", min(seconds), "to", max(seconds)]
    return [*spread, "of processors", median(found["busy"]), "MB", round(found["peak_mb"])]


if __name__ == "__main__":
    main()
