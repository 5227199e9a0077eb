"""Emerging topics: the record that page, API and `towpath desk emerging --json` show."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec


class ChangeSeen(msgspec.Struct, frozen=True):
    """A change or deployment, by the time that its source says."""

    at: datetime
    source: str
    change: str
    service: str
    component: str
    version: str


class TopicChange(msgspec.Struct, frozen=True):
    """A change shortly before a topic emerged. `near`: it names a service or component of the topic's
    tickets. Together with, not caused by."""

    change: ChangeSeen
    near: bool


class EmergingTopic(msgspec.Struct, frozen=True):
    """A topic with more tickets in the last whole week than its own past lets one expect (`expected`, usual
    up to `upper`; None for a topic that is new). `weeks`: tickets of the last weeks, the tested one last.
    `q`: false discovery rate at which it is told. `method`: noufaily, trend or first seen."""

    topic: str
    observed: int
    in_four_weeks: int
    expected: float | None
    upper: float | None
    q: float | None
    method: Literal["noufaily", "trend", "first seen", "too little data"]
    weeks: tuple[int, ...]
    together_with: tuple[TopicChange, ...]


class EmergingTopics(msgspec.Struct, frozen=True):
    """`week`: the Monday (UTC) of the week tested, the last that is whole. `weeks`: of history there are.
    `reason`: why nothing was tested."""

    desk: str
    week: str | None
    weeks: int
    tested: int
    topics: tuple[EmergingTopic, ...]
    reason: str = ""
