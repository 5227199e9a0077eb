"""Records of what was measured. The first fields are those that the CLI and the API promise, in that
order."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Conversion(msgspec.Struct, frozen=True):
    """Share that converts within the window (Aalen-Johansen) with its 95 % interval; None with too little
    data.

    `reason` says why there is no number.
    """

    estimate: float | None
    low: float | None
    high: float | None
    reason: str | None = None


class FunnelStep(msgspec.Struct, frozen=True):
    """Entities at one step. `open`, `finished_otherwise`, `lost`: of those for whom it is the furthest step.

    `completed`: reached it, and an attempt had the outcome ok; None where no attempt says how it ended.
    `median_seconds_from_previous`: first touch; None for the first step, for optional ones, and where nobody
    came.
    """

    key: str
    reached: int
    completed: int | None
    open: int
    finished_otherwise: int
    lost: int
    median_seconds_from_previous: float | None
    name: str


class FunnelSegment(msgspec.Struct, frozen=True):
    """The same figures for those whose entry carried this value."""

    segment: str
    entered: int
    steps: tuple[FunnelStep, ...]
    conversion: Conversion


class Funnel(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far customers come. `as_of`: the sources' latest event (UTC), None without events.

    `ties`: entities whose order of steps rests on equal times. `by` and `segments` only when compared.
    """

    journey: str
    as_of: datetime | None
    entered: int
    steps: tuple[FunnelStep, ...]
    conversion: Conversion
    version: int
    mode: str
    window_seconds: float
    ties: int
    by: str = ""
    segments: tuple[FunnelSegment, ...] = ()
