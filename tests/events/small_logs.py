"""Small files for tests of the import's doors."""

from __future__ import annotations

from pathlib import Path

MAPPING = """\
source: shop
format: csv
times: {zone: UTC, formats: ["%Y-%m-%d %H:%M"]}
events:
  time: when
  type: what
  case: order
  latency_ms: ms
"""
HEADER = "order,what,when,ms\n"
GOOD = ["1,basket,2024-01-01 10:00,120", "1,pay,2024-01-01 10:05,90", "2,basket,2024-02-01 11:00,"]
BAD = ["2,pay,yesterday,80", "3,basket,2024-02-02 12:00,-5"]


def write_log(folder: Path, rows: list[str], name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return path


def write_mapping(folder: Path, text: str = MAPPING) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(text)
    return path
