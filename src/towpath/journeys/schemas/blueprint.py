"""What the blueprint shows: the customer's side and ours in one record, with live figures."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from towpath.journeys.schemas.definitions import Fit
from towpath.journeys.schemas.figures import Conversion


class TurnShare(msgspec.Struct, frozen=True):
    """How much of the time it was this party's turn. `share`: of the time at the step, or of the whole
    journey."""

    party: str
    name: str
    kind: Literal["customer", "department", "supplier", "unknown"]
    seconds: float
    share: float


class BlueprintStep(msgspec.Struct, frozen=True):
    """One column.

    `went_on`: share of those who reached it that reached the next step (None for the last).
    `median_seconds_to_next`: first touch. `bad`: attempts that were a fault or frustrated, of `measured`
    attempts
    (those with an outcome, or with a latency and T); both 0 where nothing of the kind is known.
    `median_latency_ms`: what customers waited, None where the source does not say. `turns`: whose turn it was
    while the step was the furthest reached.
    """

    key: str
    name: str
    stage: str
    channels: tuple[str, ...]
    touchpoint: str
    value: str
    sees: str
    moment_of_truth: bool
    feels_score: int | None
    feels_word: str
    target_ms: float | None
    reached: int
    completed: int | None
    open: int
    finished_otherwise: int
    lost: int
    went_on: float | None
    median_seconds_to_next: float | None
    attempts: int
    measured: int
    bad: int
    median_latency_ms: float | None
    turns: tuple[TurnShare, ...]


class BlueprintItem(msgspec.Struct, frozen=True):
    """Something inside, behind one or more steps. `events` and `entities` are None where it has no rule."""

    key: str
    name: str
    lane: Literal["front_stage", "back_stage", "services", "components"]
    department: str
    behind: tuple[str, ...]
    events: int | None
    entities: int | None


class BlueprintLane(msgspec.Struct, frozen=True):
    """A row of the inside. `department` is set for back stage rows."""

    lane: Literal["front_stage", "back_stage", "services", "components"]
    department: str
    name: str
    items: tuple[BlueprintItem, ...]


class BlueprintOutcome(msgspec.Struct, frozen=True):
    """A terminal outcome, and how many finished so."""

    key: str
    name: str
    kind: str
    entities: int


class Blueprint(msgspec.Struct, frozen=True):
    """The whole picture of a journey. `as_of`: the sources' latest event (UTC), None without events."""

    journey: str
    name: str
    description: str
    version: int
    follows: Literal["customer", "case"]
    as_of: datetime | None
    first_entry: datetime | None
    window_seconds: float
    entered: int
    conversion: Conversion
    steps: tuple[BlueprintStep, ...]
    lanes: tuple[BlueprintLane, ...]
    turns: tuple[TurnShare, ...]
    outcomes: tuple[BlueprintOutcome, ...]
    fit: Fit
