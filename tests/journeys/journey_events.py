"""A small shop's journey and its events, put into a lake through the doors that an import uses."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from towpath.events.envelope import EVENT_SCHEMA, case_key, subject, subject_key
from towpath.events.lake import Staging
from towpath.events.store import lake
from towpath.foundation.operations.home import home

START = datetime(2024, 3, 1, 8, 0, tzinfo=UTC)
JOURNEY = """\
key: order
name: Order
follows: case
window: 10d
departments: [{key: desk, name: Desk}]
suppliers: [{key: carrier, name: Carrier}]
steps:
  - {key: basket, name: Fill the basket, match: {type: basket}, channels: [web], then: customer}
  - {key: pay, name: Pay, match: {type: pay}, target: 1s, then: desk}
  - {key: got_it, name: Have it, match: {type: delivered}, feels: {score: 2, word: glad}}
outcomes:
  - {key: declined, name: Declined, kind: declined, match: {type: declined}}
inside:
  - key: picking
    name: Pick
    lane: back_stage
    department: desk
    behind: [pay]
    match: {type: "pick*"}
    then: [{whose: carrier, when: {data.phase: done}}]
"""
Row = dict[str, Any]
_numbers = itertools.count()


def event(type_: str, case: str | None, hours: float, **given: Any) -> Row:
    """An event of source shop, that many hours after START; seq counts up."""
    number = next(_numbers)
    row: Row = dict.fromkeys(EVENT_SCHEMA.names) | {
        "source": "shop",
        "id": f"e{number}",
        "seq": number,
        "time": START + timedelta(hours=hours),
        "received": START,
        "type": type_,
        "case": case,
    }
    row |= given
    row["key"] = subject_key(subject(row["identifier"], row["case"], row["source"], row["service"]))
    row["case_key"] = None if row["case"] is None else case_key(row["source"], row["case"])
    return row


def put_in(rows: Sequence[Row], name: str = "first") -> None:
    """Take the rows into the lake of the present home."""
    staging = Staging(home().staging, name)
    staging.append(pa.RecordBatch.from_pylist(list(rows), schema=EVENT_SCHEMA))
    staging.checkpoint({"rows": len(rows)})
    lake().absorb(staging)


def shop_events() -> list[Row]:
    """Five orders: delivered, declined, lost at paying after a fault, still open, lost at the basket."""
    return [
        event("basket", "o1", 0, channel="web", value=10.0, currency="EUR"),
        event("pay", "o1", 1, channel="web", outcome="ok", latency_ms=300.0),
        event("picking", "o1", 2, data='{"phase": "begun"}'),
        event("picked", "o1", 5, data='{"phase": "done"}'),
        event("delivered", "o1", 29, channel="post"),
        event("basket", "o2", 0, channel="app"),
        event("pay", "o2", 1, channel="phone", outcome="ok"),
        event("declined", "o2", 2),
        event("basket", "o3", 3, channel="app"),
        event("pay", "o3", 4, channel="app", outcome="fault"),
        event("pay", "o3", 5, channel="app", outcome="fault"),
        event("complaint", "o3", 6, channel="phone"),
        event("basket", "o4", 24 * 19, channel="web"),
        event("basket", "o5", 2, channel="web"),
        event("basket", "o5", 3, channel="web"),
        event("newsletter", None, 24 * 20, identifier="mail:a@shop.example"),
    ]
