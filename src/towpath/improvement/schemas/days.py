"""The week in customer-days: what home shows above the findings."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from towpath.improvement.schemas.findings import Estimate


class DayFigures(msgspec.Struct, frozen=True):
    """One local day. `missing`: customers who would have come and did not arrive."""

    day: date
    active: int
    ruined: int
    missing: float = 0.0


class CauseShare(msgspec.Struct, frozen=True):
    """How many ruined customer-days of the week one cause accounts for (1/k of a day with k causes).

    `digest` names the finding; empty for what no finding explains.
    """

    digest: str
    days: float


class SilentSource(msgspec.Struct, frozen=True):
    """A source that told of events as they happened and has fallen silent. `since`: its newest event;
    `until`: up to when it ought to have told; `expected`: events that would have come in between."""

    source: str
    since: datetime
    until: datetime
    expected: Estimate


class Days(msgspec.Struct, frozen=True, omit_defaults=True):
    """Seven local days, the last one that of `as_of` (the sources' watermark).

    `good_rate` is None where nothing can be measured: `lacking` then names what to connect ("outcome",
    "latency", "contact"), and it also names what is missing besides. `before`: the rate of the four weeks
    before. `with_target`: share of attempts at steps that have a target. `moved_by`: findings by how many
    points of the change they account for. `silent`: sources that ought to have told of more. `nobody_until`:
    from `as_of` up to then nobody came, beyond chance; `missing` counts these customers too.
    """

    as_of: datetime | None
    zone: str
    first: date | None
    last: date | None
    active: int
    ruined: int
    good_rate: float | None
    good_low: float | None
    good_high: float | None
    before: float | None
    faults_per_thousand: float | None
    missing: Estimate | None
    attempts: int
    with_target: float
    lacking: tuple[str, ...] = ()
    days: tuple[DayFigures, ...] = ()
    causes: tuple[CauseShare, ...] = ()
    moved_by: tuple[CauseShare, ...] = ()
    journeys: tuple[JourneyDays, ...] = ()
    silent: tuple[SilentSource, ...] = ()
    nobody_until: datetime | None = None


class JourneyDays(msgspec.Struct, frozen=True):
    """One journey's own figures in the same days and in the four weeks before. `low`, `high`: 95 % interval
    of this week's good-day rate, customers as clusters."""

    journey: str
    name: str
    active: int
    ruined: int
    before: float | None
    low: float | None = None
    high: float | None = None
