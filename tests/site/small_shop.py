"""Two orders of a small shop, its journey, and a refused record: something to ask about."""

from __future__ import annotations

from pathlib import Path

from towpath.site.cli import run

JOURNEY = """\
key: order
name: Order
follows: case
window: 10d
steps:
  - {key: basket, name: Fill the basket, match: {type: basket}}
  - {key: pay, name: Pay, match: {type: pay}}
"""
MAPPING = """\
source: shop
format: csv
times: {zone: UTC, formats: [iso]}
events:
  time: when
  type: what
  case: order
  value: value
  channel: channel
"""
ROWS = """\
when,what,order,value,channel
2024-03-01T08:00:00Z,basket,o1,10,web
2024-03-01T08:05:00Z,pay,o1,10,app
2024-03-01T09:00:00Z,basket,o2,3,web
yesterday,pay,o2,3,web
"""


def take_in(folder: Path, rows: str = ROWS) -> None:
    """Import the rows into the present home, as the command does; the last of `ROWS` is refused."""
    mapping, file = folder / "shop-mapping.yaml", folder / "shop.csv"
    mapping.write_text(MAPPING)
    file.write_text(rows)
    assert run(["import", str(file), "--mapping", str(mapping)]) == 1
