"""Reads a file to its end, for tests: its events, what was refused, and what went wrong with the file."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from towpath.events.importers import Chunk, ImportFailed, Refused, open_importer
from towpath.events.mapping import Mapping
from towpath.events.mapping_text import load_mapping

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SHARED = Path(__file__).parents[2].parent / "shared" / "data"

SHOP = """
source: shop
format: csv
times: {zone: Europe/Amsterdam, formats: [iso, "%d/%m/%Y %H:%M"]}
events:
  time: at
  type: what
  case: order
  latency_ms: {column: seconds, unit: s}
  outcome: result
"""
LOG = """
source: log
format: xes
events:
  time: time:timestamp
  type: concept:name
  case: case:concept:name
"""
LINES = """
source: lines
format: jsonl
events: {time: at, type: what}
"""
HEADER = "at,what,order,seconds,result\n"
GOOD = "2026-05-01 10:00,pay,o1,1.5,ok\n"


@dataclass
class Read:
    events: list[dict[str, Any]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    failure: ImportFailed | None = None

    @property
    def ids(self) -> list[str]:
        return [event["id"] for event in self.events]

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return [(each.place, each.reason) for each in self.refused]


def read(path: Path, mapping: Mapping | str, **options: Any) -> Read:
    if isinstance(mapping, str):
        mapping = load_mapping(mapping, "test.yaml")
    found = Read()
    try:
        for chunk in open_importer(path, mapping, now=NOW, **options):
            chunk.batch.validate(full=True)
            found.chunks.append(chunk)
            found.events += chunk.batch.to_pylist()
            found.refused += chunk.refused
    except ImportFailed as failure:
        found.failure = failure
    return found


def write(folder: Path, text: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def write_gzip(folder: Path, text: str, name: str = "data.csv.gz") -> Path:
    return write(folder, gzip.compress(text.encode()), name)


def shop(folder: Path, *rows: str) -> Path:
    """A CSV file for the mapping SHOP with these rows under its header."""
    return write(folder, HEADER + "".join(rows))


def xes(*traces: str) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>\n<log>\n' + "\n".join(traces) + "\n</log>\n"


def trace(case: str, *events: str) -> str:
    return f'<trace><string key="concept:name" value="{case}"/>\n' + "\n".join(events) + "</trace>"


def event(name: str, time: str = "2026-05-01T10:00:00+02:00", more: str = "") -> str:
    return (
        f'<event><string key="concept:name" value="{name}"/>'
        f'<date key="time:timestamp" value="{time}"/>{more}</event>'
    )


def real(name: str) -> Path:
    """A file of the real data beside the checkout; skips the test when that folder is missing."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is missing")
    return SHARED / name
