"""What a bench found, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

RESULTS = Path(os.environ.get("BENCH_RESULTS") or Path(__file__).parent / "results")
Figures = Mapping[str, object]


def tell(name: str, machine: str, figures: Figures) -> None:
    """Print both; the JSON also goes to bench/results (not committed), or to the folder in BENCH_RESULTS."""
    wide = max(map(len, figures))
    lines = [
        f"{name} ({machine})",
        *(f"  {label:<{wide}}  {shown(value)}" for label, value in figures.items()),
    ]
    text = json.dumps({"bench": name, "machine": machine, **figures})
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(text + "\n")
    sys.stdout.write("\n".join(lines) + f"\n{text}\n")
    sys.stdout.flush()


def shown(value: object) -> str:
    """A number with thousands apart and three digits that matter; a list of them side by side."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    if isinstance(value, int):
        return f"{value:,}"
    return " ".join(map(shown, value)) if isinstance(value, list | tuple) else str(value)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
