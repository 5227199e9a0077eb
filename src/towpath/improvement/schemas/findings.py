"""What the detectors found about one cause, merged: the evidence that a finding's record keeps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from towpath.improvement.rules.first_steps import Level


class Estimate(msgspec.Struct, frozen=True):
    """A number with its 90 % interval."""

    value: float
    low: float
    high: float


class Where(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where customers meet it. `segment`: what those hit have in common ({"channel": "phone"}); `hours`:
    local hours [first, after the last) of the day, None = all of it. `desk`: where tickets tell it; then
    journey and step are empty, and `topic` or `teams` say what it is about. `item`: the thing of the
    estate that it is about; then journey and step are empty, too."""

    journey: str
    journey_name: str
    step: str
    step_name: str
    moment_of_truth: bool = False
    service: str = ""
    component: str = ""
    change: str = ""
    segment: dict[str, str] = {}
    hours: tuple[int, int] | None = None
    desk: str = ""
    topic: str = ""
    teams: tuple[str, ...] = ()
    item: str = ""


class Onset(msgspec.Struct, frozen=True):
    """Since when, with the interval of the change point (organisation's dates)."""

    day: date
    low: date
    high: date


class Cost(msgspec.Struct, frozen=True):
    """Money a week, by part; a part is None where nothing tells its price."""

    lost_margin: float | None
    handling: float | None
    compensation: float | None
    currency: str

    @property
    def total(self) -> float:
        return sum(part for part in (self.lost_margin, self.handling, self.compensation) if part is not None)


class Together(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happened or looks alike at the same time: never more than "together with"."""

    kind: Literal["release", "component", "finding", "topic", "item", "exposure"]
    name: str
    at: datetime | None = None


class Moment(msgspec.Struct, frozen=True):
    """One ruined day to open: `customer` is the subject's key as text, `time` the bad event's (UTC)."""

    customer: str
    day: date
    time: datetime
    source: str
    id: str


class Signal(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one detector (a code) says: bad customer-days of the week beyond the usual ones, its candidate's
    p-value as adjusted by Benjamini and Hochberg, and what it looked at ("channel=phone hours=18-22")."""

    detector: str
    excess: Estimate
    q: float
    note: str = ""


class DeskEvidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a desk's tickets of the last thirteen weeks up to its watermark say (of an emerging topic: of its
    last whole week). `tickets` show it, of `of`; `usual` of these would have been. `to`: the level to which
    the work should go, `freed` the hours a year that this frees."""

    weeks: float
    tickets: int
    of: int
    usual: float
    to: str = ""
    freed: Estimate | None = None


class EstateThing(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item of the estate. `exposure`: the number of what is weak about it."""

    id: int
    kind_in_words: str
    name: str
    exposure: int | None = None
    told: str = ""


class StepHanging(msgspec.Struct, frozen=True):
    """A step of a journey that hangs on it, and how many customers it met there in the last seven days."""

    journey: str
    journey_name: str
    step: str
    step_name: str
    customers: int


class EstateEvidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the estate says. `count` things, some of them in `things`; who takes down the same on the way up
    is in `between`. `customers`: distinct ones who met what hangs on them in the last seven days, `of` all;
    None where no journey tells. `unavailable`: the measured share of time in which it does not work by
    itself, None where nobody measured it: then no ruined days are told either. `days_late`: of a weak
    library."""

    count: int
    things: tuple[EstateThing, ...]
    customers: int | None
    of: int
    unavailable: float | None = None
    falls: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    steps: tuple[StepHanging, ...] = ()
    days_late: int = 0


class Detected(msgspec.Struct, frozen=True, omit_defaults=True):
    """One cause in one week (the seven local days that end with `last_day`).

    `met`: distinct customers who met it; `beyond`: customers beyond what would have happened.
    `touched`, `share`, `alone`: customer-days of the week as DEFINITIONS "Customer days" says.
    `ruined_days`: shrunken posterior mean of avoidable ruined customer-days a week. `weeks`: share days of
    the last weeks, oldest first. `cause` None = cannot tell. `first_step`: a code that
    `rules.first_steps` words.
    """

    journey: str
    step: str
    culprit: str
    family: str
    kinds: tuple[str, ...]
    where: Where
    last_day: date
    met: int
    beyond: Estimate
    touched: float
    share: float
    alone: float
    ruined_days: Estimate
    cost: Cost | None
    since: Onset | None
    cause: str | None
    level: Level
    first_step: str
    score: float
    grave: bool = False
    weeks: tuple[float, ...] = ()
    together: tuple[Together, ...] = ()
    moments: tuple[Moment, ...] = ()
    signals: tuple[Signal, ...] = ()
    desk: DeskEvidence | None = None
    estate: EstateEvidence | None = None

    @property
    def is_risk(self) -> bool:
        """Nobody measured how often it happens: its zeros are no measurements."""
        return not self.journey and self.estate is not None and self.estate.unavailable is None

    @property
    def rank(self) -> tuple[bool, float, int]:
        """What to mend first, the smallest first; risks, whose score is 0, by how many hang on them."""
        hanging = self.estate.customers if self.estate else None
        return not self.grave, -self.score, -(hanging or 0)
