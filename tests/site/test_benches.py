"""The benches run from end to end: at a tiny size here, so that nothing they call changes its name unseen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHES = Path(__file__).parents[2] / "bench"
TINY = {
    "door": ["door.py", "--seconds", "0.5", "--senders", "1", "--rate", "2000", "--rounds", "1"],
    "known": ["known.py", "--millions", "1", "--looks", "1"],
    "small_year": ["small_year.py", "--days", "1", "--measures", "funnel", "--starts", "1"],
    "tickets-200": ["tickets.py", "--tickets", "200", "--rounds", "2"],
    "desk": ["desk.py", "--tickets", "3000", "--rounds", "1"],
    "estate": ["estate.py", "--items", "600", "--links", "1500", "--asked", "5", "--hosts", "20"],
}
TELLS = {
    "door": ("answer p95 ms", "events/s until they can be queried"),
    "known": ("1 million: ms for new ids, first and median",),
    "small_year": ("files before the next", "funnel: ms in a new process"),
    "tickets-200": ("tickets a second, import", "two words, p95 ms", "one change, median ms"),
    "estate": ("blast, p95 ms", "NetworkX: graph made, s", "scan taken in, s"),
    "desk": ("flow, kept, in a new process, s", "a part of the flow in DuckDB, s"),
}


@pytest.mark.parametrize("name", TINY)
def test_a_bench_runs_to_its_end_and_tells_its_figures(name: str, tmp_path: Path) -> None:
    script, *sizes = TINY[name]
    told = subprocess.run(
        [sys.executable, str(BENCHES / script), *sizes],
        env=os.environ | {"BENCH_RESULTS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    figures = json.loads((tmp_path / f"{name}.json").read_text())
    for each in TELLS[name]:
        assert each in figures
        assert each in told.stdout
    if name == "door":
        repeats = json.loads((tmp_path / "repeats.json").read_text())
        assert repeats["events a flush"] == 50_000
        assert figures["not accepted"] == []
