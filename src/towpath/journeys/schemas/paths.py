"""Records of flows, variants and times."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Edge(msgspec.Struct, frozen=True):
    """`to` directly follows `from`: how often, after how long, in how many entities. Seconds; p10 to p90:
    quantiles."""

    from_: str = msgspec.field(name="from")
    to: str
    count: int
    median_seconds: float | None
    entities: int
    p10_seconds: float | None
    p90_seconds: float | None


class FlowSegment(msgspec.Struct, frozen=True):
    segment: str
    cases: int
    edges: tuple[Edge, ...]


class Flow(msgspec.Struct, frozen=True, omit_defaults=True):
    """The directly-follows graph, the most frequent edges first. `begins`, `ends`: cases by first and last
    activity."""

    edges: tuple[Edge, ...]
    journey: str
    as_of: datetime | None
    cases: int
    begins: dict[str, int]
    ends: dict[str, int]
    ties: int
    by: str = ""
    segments: tuple[FlowSegment, ...] = ()


class Variant(msgspec.Struct, frozen=True):
    """Keys of activities in order, and how many cases went exactly so."""

    steps: tuple[str, ...]
    count: int


class VariantsSegment(msgspec.Struct, frozen=True):
    segment: str
    cases: int
    distinct: int
    variants: tuple[Variant, ...]


class Variants(msgspec.Struct, frozen=True, omit_defaults=True):
    """The most frequent sequences of activities. `distinct`: how many different ones there are in all."""

    cases: int
    distinct: int
    variants: tuple[Variant, ...]
    journey: str
    as_of: datetime | None
    ties: int
    by: str = ""
    segments: tuple[VariantsSegment, ...] = ()


class Spread(msgspec.Struct, frozen=True):
    """Distribution of durations in seconds; all None where there are none."""

    count: int
    p10: float | None
    p25: float | None
    median: float | None
    p75: float | None
    p90: float | None


class StepTime(msgspec.Struct, frozen=True):
    key: str
    name: str
    from_previous: Spread
    from_entry: Spread


class TimesSegment(msgspec.Struct, frozen=True):
    segment: str
    steps: tuple[StepTime, ...]


class CurvePoint(msgspec.Struct, frozen=True):
    """Share that has converted within that long (Aalen-Johansen), with its 95 % interval.

    The time runs from the beginning of the chain that first converted, so that it may be shorter than since
    the very first entry; in mode first-touch it runs from that.
    """

    seconds: float
    estimate: float
    low: float
    high: float


class Times(msgspec.Struct, frozen=True, omit_defaults=True):
    """First-touch times of the steps that may not be passed over. `curve`: when those who convert do so."""

    journey: str
    as_of: datetime | None
    steps: tuple[StepTime, ...]
    curve: tuple[CurvePoint, ...]
    ties: int
    by: str = ""
    segments: tuple[TimesSegment, ...] = ()
