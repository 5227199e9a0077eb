"""What a run is told: how large, how long, how noisy, and which causes are planted."""

from __future__ import annotations

import msgspec

DAY = 86_400_000_000
HOUR = 3_600_000_000
SECOND = 1_000_000


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a cause can meet; an empty word means everybody."""

    channel: str = ""
    language: str = ""
    region: str = ""
    device: str = ""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """A planted cause. `begin` and `end` are UTC microseconds; `hours` those of the day, [first, last).

    `size` sweeps the effect: 0 is none, 1 what is written, 2 twice as much. What `target` names, and which of
    the other figures count, depends on `kind` (see `KINDS`).
    """

    kind: str
    target: str
    begin: int
    end: int
    size: float = 1.0
    segment: Segment = Segment()
    hours: tuple[int, int] = (0, 24)
    factor: float = 1.0
    rate: float = 0.0
    per_week: float = 0.0
    people: int = 0
    step: str = ""
    version: str = ""
    teams: tuple[str, ...] = ()

    @property
    def times(self) -> float:
        """The factor at this size."""
        return max(0.0, 1.0 + (self.factor - 1.0) * self.size)

    @property
    def share(self) -> float:
        """The rate at this size; never certain."""
        return min(self.rate * self.size, 0.97)

    @property
    def until(self) -> int:
        """When it ends: an outage of twice the size lasts twice as long."""
        return self.begin + round((self.end - self.begin) * self.size) if self.kind == OUTAGE else self.end


SLOW, RELEASE, LOSSY, OUTAGE = "slow_dependency", "bad_release", "lossy_step", "total_outage"
GRAVE, LOUD = "rare_grave", "loud_group"
EVENING, REGRESSION = "confounded_evening", "regression_to_the_mean"
GAP, LOOKALIKE, LOOP = "knowledge_gap", "lookalike_topic", "handover_loop"
TRAPS = frozenset({LOUD, EVENING, REGRESSION, LOOKALIKE})
"""Kinds that look like a cause of harm and are none."""


class Kind(msgspec.Struct, frozen=True):
    """What a kind's target names, and which figures it takes, with their defaults."""

    target: str
    figures: dict[str, object]
    segments: bool = False


KINDS: dict[str, Kind] = {
    SLOW: Kind("component", {"hours": (18, 22), "factor": 8.0}, segments=True),
    RELEASE: Kind("component", {"rate": 0.3, "step": "pay.submit", "version": ""}, segments=True),
    LOSSY: Kind("step", {"rate": 0.35}, segments=True),
    OUTAGE: Kind("service", {}),
    GRAVE: Kind("step", {"per_week": 4.0}),
    LOUD: Kind("topic", {"people": 12, "per_week": 2.0}),
    EVENING: Kind("journey", {"hours": (18, 22), "factor": 1.4, "rate": 0.12}),
    REGRESSION: Kind("component", {"factor": 6.0}),
    GAP: Kind("topic", {"rate": 0.7}),
    LOOKALIKE: Kind("topic", {"per_week": 30.0}),
    LOOP: Kind("topic", {"rate": 0.5, "teams": ("billing specialists", "metering specialists")}),
}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A run. `until`: UTC microseconds of its end, a midnight; `noise`: multiplies how much days differ."""

    seed: int
    days: int
    customers: int
    until: int
    noise: float = 1.0
    causes: tuple[Cause, ...] = ()

    @property
    def start(self) -> int:
        return self.until - self.days * DAY

    def without(self, place: int) -> Plan:
        """The same world in which one cause has no effect: its release is still made, people still come."""
        causes = list(self.causes)
        causes[place] = msgspec.structs.replace(causes[place], size=0.0)
        return msgspec.structs.replace(self, causes=tuple(causes))
