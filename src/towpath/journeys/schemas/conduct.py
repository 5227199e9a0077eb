"""Records of what customers went through: loss, segments, friction, whose turn."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Next(msgspec.Struct, frozen=True):
    """What came next; `key` None: nothing came."""

    key: str | None
    name: str | None
    count: int
    share: float
    median_seconds: float | None


class LostAt(msgspec.Struct, frozen=True):
    key: str
    name: str
    lost: int
    next: tuple[Next, ...]


class AfterLoss(msgspec.Struct, frozen=True):
    """What lost customers did after their furthest step."""

    journey: str
    as_of: datetime | None
    lost: int
    steps: tuple[LostAt, ...]


class Segment(msgspec.Struct, frozen=True):
    """One segment against the rest. `too_little_data`: then every share is None.

    `low`, `high`: Newcombe's 95 % interval of the difference; `q`: Benjamini-Hochberg; for the selected the
    interval
    adjusted for selection (false coverage rate).
    """

    segment: str
    entered: int
    converted: int
    rest_entered: int
    rest_converted: int
    too_little_data: bool
    rate: float | None
    rest_rate: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    selected: bool
    adjusted_low: float | None
    adjusted_high: float | None


class Segments(msgspec.Struct, frozen=True):
    """Conversion within `horizon_seconds`, among the `followed`: those who entered at least that long before
    as-of."""

    journey: str
    as_of: datetime | None
    by: str
    horizon_seconds: float
    followed: int
    left_out: int
    segments: tuple[Segment, ...]


class Range(msgspec.Struct, frozen=True):
    """An estimate with its 95 % interval."""

    estimate: float
    low: float
    high: float


class StepLoss(msgspec.Struct, frozen=True):
    """Loss together with a bad experience at one step.

    `attempts`: first attempts, one a journey instance, so that a customer counts as often as the journey was
    begun anew; `measurable_share`: of those, whose events say how it went.
    `verdict`: "together with", "cannot tell", "too little data", or "not measurable yet" (no outcome, and no
    latency with a target). `lost_beyond`: customers lost beyond what would have been; `money` in `currency`.
    """

    key: str
    name: str
    verdict: str
    attempts: int
    measurable_share: float | None
    exposed: int
    lost_among_exposed: int
    unexposed: int
    lost_among_unexposed: int
    coverage: float | None
    lost_beyond: Range | None
    money: Range | None
    currency: str | None
    p: float | None


class Loss(msgspec.Struct, frozen=True):
    """Journeys lost within `horizon_seconds`, among the `followed`, which began at least that long before
    as-of; those `left_out` began later."""

    journey: str
    as_of: datetime | None
    steps: tuple[StepLoss, ...]
    horizon_seconds: float
    followed: int
    left_out: int


class Detour(msgspec.Struct, frozen=True):
    """How often, and to how many entities."""

    events: int
    entities: int


class StepFriction(msgspec.Struct, frozen=True):
    """Repeats in a row, going back, channel hops (None where no event names a channel)."""

    key: str
    name: str
    repeats: Detour
    backs: Detour
    hops: Detour | None


class Friction(msgspec.Struct, frozen=True):
    journey: str
    as_of: datetime | None
    steps: tuple[StepFriction, ...]
    repeats: Detour
    backs: Detour
    hops: Detour | None


class StepTurn(msgspec.Struct, frozen=True):
    key: str
    name: str
    seconds: float


class Turn(msgspec.Struct, frozen=True):
    """Time that waited for one party: kind customer, department, supplier, or unknown (nobody named)."""

    party: str
    name: str
    kind: str
    seconds: float
    share: float | None
    steps: tuple[StepTurn, ...]


class Turns(msgspec.Struct, frozen=True):
    """Whose turn it was, over all entities' time from entry to their end. `still_open`: whose clock runs at
    as-of."""

    journey: str
    as_of: datetime | None
    total_seconds: float
    still_open: int
    turns: tuple[Turn, ...]
