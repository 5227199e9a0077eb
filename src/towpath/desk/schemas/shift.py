"""Where the work of a desk should shift: the records that page, API and `--json` show."""

from __future__ import annotations

from datetime import date, datetime

import msgspec


class ShiftEvidence(msgspec.Struct, frozen=True):
    """What a level was chosen by, of tickets opened in odd weeks. None where nothing tells it. `alike`: upper
    quartile of hours in work over their median; `ways`, `variants`: effective numbers of ways to solve and
    of kinds of request; `above`: share solved above tier 1."""

    tickets: int
    median_hours: float | None
    alike: float | None
    same_way: float | None
    ways: float | None
    variants: float | None
    back: float | None
    above: float | None
    failure: float | None
    tier: int | None


class ShiftCandidate(msgspec.Struct, frozen=True):
    """A topic and the level its work should go to. `level`: remove, self_service, tier_1, tier_2 or stay.
    `why`, `against`: reason codes, `reasons` and `obstacles` the same in the reader's words. `freed_hours`
    a year with its 95 % interval, of tickets opened in even weeks; None for what stays. `late_hours`: what
    a month of waiting costs. `demand`: "failure" or "value", `by_person` where a person said so."""

    topic: str
    tickets: int
    a_year: float
    level: str
    why: tuple[str, ...]
    against: tuple[str, ...]
    reasons: tuple[str, ...]
    obstacles: tuple[str, ...]
    demand: str
    by_person: bool
    freed_hours: float | None
    freed_low: float | None
    freed_high: float | None
    late_hours: float | None
    needs: tuple[str, ...]
    guardrails: tuple[str, ...]
    fails_if: str
    evidence: ShiftEvidence


class ShiftAssumed(msgspec.Struct, frozen=True):
    """What the forecast assumes of a new way: share that uses it, share of these that succeed, contacts
    that each use brings beside."""

    used: float
    success: float
    induced: float


class ShiftDecided(msgspec.Struct, frozen=True):
    """A decision with its forecast and what was measured. `verdict`: fewer, more, not shown, or too little
    data (`lacking` says of what). `change`: relative, with its 95 % interval from comparison topics;
    `measured`: of "tickets" or "above" (the share solved above the level)."""

    id: int
    topic: str
    level: str
    moves_on: date
    decided_by: str
    forecast_hours: float
    forecast_low: float
    forecast_high: float
    cost_hours: float | None
    measured: str
    verdict: str
    lacking: str
    change: float | None
    low: float | None
    high: float | None
    comparisons: int
    guard_back: float | None


class ShiftCandidates(msgspec.Struct, frozen=True):
    """Best first. `found`: topics were found in the text, else given by the source; `covered`: share of
    tickets with a topic."""

    desk: str
    as_of: datetime | None
    tickets: int
    found: bool
    covered: float
    assumed: ShiftAssumed
    candidates: tuple[ShiftCandidate, ...]
    decided: tuple[ShiftDecided, ...]


class ShiftWhatIf(msgspec.Struct, frozen=True):
    """A share of a topic moved: hours a year freed, hours the new level takes, tickets a year that fail
    there, and their share of what moved."""

    topic: str
    share: float
    freed: float
    load: float
    failing: float
    risk: float
