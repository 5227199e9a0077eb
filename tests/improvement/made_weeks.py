"""Thirteen weeks of a small shop: visits of customers, with troubles planted where a test wants them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from towpath.events.envelope import EVENT_SCHEMA, subject, subject_key
from towpath.events.lake import Staging
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import home
from towpath.journeys.actions import apply_journey

UNTIL = datetime(2026, 11, 23, tzinfo=UTC)
DAYS = 84
JOURNEY = """\
key: order
name: Order
follows: customer
window: 2d
steps:
  - {key: open, name: Open the basket, match: {type: open}, target: 1s}
  - {key: pay, name: Pay, match: {type: pay}, target: 1s}
  - {key: thanks, name: Have it, match: {type: thanks}, target: 1s}
"""
Row = dict[str, Any]
Plant = Callable[[Row, np.random.Generator], Row | None]


@dataclass
class Weeks:
    """`plant` may change a step's event, or return None: the customer leaves before it."""

    seed: int = 1
    visits_a_day: int = 60
    fault: float = 0.002
    plant: Plant = lambda row, _draw: row
    more: Sequence[Row] = field(default_factory=list)

    def rows(self) -> list[Row]:
        draw = np.random.default_rng(self.seed)
        found: list[Row] = []
        for day in range(DAYS):
            for _visit in range(int(draw.poisson(self.visits_a_day))):
                found += self._visit(draw, UNTIL - timedelta(days=DAYS - day))
        return [*found, *self.more]

    def _visit(self, draw: np.random.Generator, day: datetime) -> list[Row]:
        hour = min(max(draw.normal(15, 4), 0.0), 23.5)
        common = {
            "identifier": f"account:{draw.integers(4_000)}",
            "channel": str(draw.choice(["web", "app", "phone"], p=[0.5, 0.3, 0.2])),
            "version": "1.0",
            "service": "shop",
            "data": json.dumps({"language": str(draw.choice(["en", "sv"]))}),
        }
        found = []
        for place, step in enumerate(("open", "pay", "thanks")):
            row = event(step, day + timedelta(hours=hour, minutes=3.0 * place), **common)
            row["outcome"] = "fault" if draw.random() < self.fault else "ok"
            row["latency_ms"] = float(draw.lognormal(5.5, 0.4))
            if place and draw.random() < 0.08:
                break
            planted = self.plant(row, draw)
            if planted is None:
                break
            found.append(planted)
            if planted["outcome"] == "fault":
                again = {"id": f"{row['id']}-again", "time": row["time"] + timedelta(minutes=1)}
                found.append({**planted, **again, "outcome": "ok", "latency_ms": 200.0})
        return found


def event(type_: str, time: datetime, **given: Any) -> Row:
    """An event of source shop."""
    row: Row = dict.fromkeys(EVENT_SCHEMA.names) | {"source": "shop", "seq": 0, "type": type_, "time": time}
    row |= given
    row["received"] = time
    row["id"] = given.get("id") or f"{type_}-{row['identifier']}-{time.isoformat()}"
    row["key"] = subject_key(subject(row["identifier"], None, row["source"], row["service"]))
    return row


def put_in(rows: Sequence[Row], name: str = "weeks") -> None:
    """Take the rows into the lake of the present home."""
    staging = Staging(home().staging, name)
    staging.append(pa.RecordBatch.from_pylist(list(rows), schema=EVENT_SCHEMA))
    staging.checkpoint({"rows": len(rows)})
    lake().absorb(staging)


def fill(weeks: Weeks, journey: str = JOURNEY) -> list[Row]:
    """The weeks and their journey in the present home; returns the events."""
    rows = weeks.rows()
    put_in(rows)
    apply_journey(OPERATOR, journey, "order.yaml")
    return rows


def since(days: int) -> datetime:
    """So many days before the end."""
    return UNTIL - timedelta(days=days)
