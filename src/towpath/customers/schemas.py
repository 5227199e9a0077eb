"""Records about a customer's story."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class StoryEvent(msgspec.Struct, frozen=True):
    """One thing that the customer met, as the envelope holds it; None where the source does not say."""

    time: datetime
    source: str
    id: str
    type: str
    channel: str | None
    service: str | None
    component: str | None
    version: str | None
    outcome: str | None
    latency_ms: float | None
    value: float | None
    currency: str | None
    team: str | None
    tier: str | None
    case: str | None
    ticket: str | None
    change: str | None
    data: dict[str, Any]


class Story(msgspec.Struct, frozen=True):
    """Everything that one customer or case met, in the order of events.

    `key`: 64-bit key as text (JSON numbers are not exact beyond 2**53). `total`: events in all, of which
    `events`
    holds those of one page.
    """

    key: str
    name: str
    identifiers: tuple[str, ...]
    cases: tuple[str, ...]
    sources: tuple[str, ...]
    first: datetime
    last: datetime
    total: int
    events: tuple[StoryEvent, ...]


class RulesApplied(msgspec.Struct, frozen=True):
    """The rules' number of version; `new` is False where they were in force already."""

    version: int
    new: bool
