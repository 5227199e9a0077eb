"""Real logs read a second time, in plain Python: the independent computation that figures are held to."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from lxml import etree

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared/data"
Event = tuple[datetime, int, str, str]
"""Time, place in the file, type, life-cycle phase."""
Case = list[Event]


def data(folder: str, name: str) -> Path:
    """A file of the real data; the test is skipped where the folder is not there."""
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is missing")
    return DATA / folder / name


def loans(path: Path) -> dict[str, Case]:
    """Events of each application, in the order (time, place in the file)."""
    cases: dict[str, Case] = {}
    place = 0
    with gzip.open(path) as file:
        for _when, trace in etree.iterparse(file, tag="{*}trace"):
            name, events = "", []
            for child in trace:
                if etree.QName(child).localname == "event":
                    said = {each.get("key"): each.get("value") for each in child}
                    moment = datetime.fromisoformat(said["time:timestamp"]).astimezone(UTC)
                    events.append((moment, place, said["concept:name"], said["lifecycle:transition"]))
                    place += 1
                elif child.get("key") == "concept:name":
                    name = child.get("value")
            cases[name] = sorted(events)
            trace.clear()
    return cases


def incidents(path: Path) -> dict[str, Case]:
    """States of each incident, in the order (time, place in the file)."""
    cases: dict[str, Case] = {}
    opened: Callable[..., Iterable[str]] = gzip.open if path.suffix == ".gz" else open  # type: ignore[assignment]
    with opened(path, "rt", encoding="utf-8", newline="") as file:  # type: ignore[attr-defined]
        for place, row in enumerate(csv.DictReader(file)):
            moment = datetime.strptime(row["sys_updated_at"], "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
            cases.setdefault(row["number"], []).append((moment, place, row["incident_state"], ""))
    return {name: sorted(events) for name, events in cases.items()}


def edges(
    cases: Iterable[Case], types: Sequence[str] | None = None
) -> dict[tuple[str, str], tuple[int, float]]:
    """Count and median seconds of every pair of neighbours among the types."""
    apart: dict[tuple[str, str], list[float]] = {}
    for case in cases:
        kept = [event for event in case if types is None or event[2] in types]
        for before, after in pairwise(kept):
            apart.setdefault((before[2], after[2]), []).append((after[0] - before[0]).total_seconds())
    return {pair: (len(seconds), median(seconds)) for pair, seconds in apart.items()}


def variants(cases: Iterable[Case], types: Sequence[str] | None = None) -> Counter[tuple[str, ...]]:
    """How many cases have each sequence of types."""
    spelt = (tuple(e[2] for e in case if types is None or e[2] in types) for case in cases)
    return Counter(sequence for sequence in spelt if sequence)
