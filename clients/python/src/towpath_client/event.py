"""One event, as an application says it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from typing import Any


def _new_id() -> str:
    return str(uuid.uuid4())


def _now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Event:
    """What happened, to whom, and how it ended. Only `type` is needed.

    `id` and `time` are made here, so that an event that is sent twice counts once and keeps its moment. A
    `time` without a zone is local time. `subject` is who was served ("account:4711", "mail:a@b.example"),
    `identifiers` whatever else the event shows of the same customer. `outcome`: ok, fault (ours), refused (a
    business decision), mistake (the customer's) or abandoned. `latency_ms`: what the customer waited, in
    milliseconds. `value`: money in `currency`. `source` is the client's where it is not given here. `data`:
    anything else; what JSON does not know is sent as text.
    """

    type: str
    subject: str | None = None
    source: str | None = None
    time: datetime = field(default_factory=_now)
    id: str = field(default_factory=_new_id)
    identifiers: Sequence[str] = ()
    session: str | None = None
    case: str | None = None
    channel: str | None = None
    service: str | None = None
    component: str | None = None
    environment: str | None = None
    version: str | None = None
    outcome: str | None = None
    latency_ms: float | None = None
    value: float | None = None
    currency: str | None = None
    team: str | None = None
    tier: str | None = None
    ticket: str | None = None
    change: str | None = None
    trace: str | None = None
    traceparent: str | None = None
    sequence: int | None = None
    data: Mapping[str, Any] | None = None

    def to_json(self, source: str) -> str:
        """The event as a CloudEvent 1.0. Raises ValueError for what JSON cannot hold (NaN, infinity)."""
        written: dict[str, Any] = {"specversion": "1.0"}
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None and value != ():
                written[_NAMES.get(each.name, each.name)] = value
        written["source"] = self.source or source
        written["time"] = (self.time if self.time.tzinfo else self.time.astimezone()).isoformat()
        if self.identifiers:
            written["identifiers"] = list(self.identifiers)
        return json.dumps(written, default=str, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


_NAMES = {"latency_ms": "latencyms"}
"""Attributes of CloudEvents have neither capitals nor underscores."""
