"""What home shows: the week's figures, what ruined days, the ranked findings, and what became of others."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from towpath.improvement.schemas.days import Days
from towpath.improvement.schemas.findings import Cost, Estimate


class Week(msgspec.Struct, frozen=True):
    """Seven local days. `usual`: the median of ruined days in the weeks before it; None for the first."""

    first: date
    last: date
    active: int
    ruined: int
    usual: float | None

    @property
    def good_rate(self) -> float | None:
        """Share of good customer-days; None where nobody was there."""
        return 1 - self.ruined / self.active if self.active else None


class Piece(msgspec.Struct, frozen=True):
    """How much of the week's ruined customer-days one cause accounts for.

    `sentence` is empty where it is no open finding: the rest. `share` is of all ruined days of the week.
    """

    digest: str
    sentence: str
    days: float
    share: float


class Move(msgspec.Struct, frozen=True):
    """By how much one cause moved the good-day rate against the four weeks before: -0.041 = 4.1 points fewer.

    `sentence` is empty for all that no open finding explains.
    """

    digest: str
    sentence: str
    change: float


class Release(msgspec.Struct, frozen=True):
    """A release that findings name as "together with" (UTC)."""

    name: str
    at: datetime


class Ranked(msgspec.Struct, frozen=True):
    """One finding as home lists it, with its place among those to mend first.

    `together`: what goes with it, in words. `weeks`: ruined days a week, oldest first. `cost_per_week` None
    where nothing tells a price. `desk`: whose tickets tell it; then no journey and step. `estate`: what
    exists tells it; then neither. `risk`: nobody measured how often it happens, so that its zeros are no
    measurements. `carries`: customers a week who meet what hangs on it, None where that is not known.
    `silent_since`: nothing comes in any more from where it was seen.
    """

    place: int
    digest: str
    sentence: str
    journey: str
    journey_name: str
    step: str
    step_name: str
    moment_of_truth: bool
    component: str
    desk: str
    estate: bool
    risk: bool
    carries: int | None
    together: tuple[str, ...]
    state: str
    state_in_words: str
    owner: str
    due: date | None
    grave: bool
    met: int
    beyond: Estimate
    ruined_days: Estimate
    cost: Cost | None
    cost_per_week: float | None
    since: date | None
    silent_since: datetime | None
    weeks: tuple[float, ...]
    level_in_words: str
    first_step: str


class Mended(msgspec.Struct, frozen=True):
    """A finding that is gone, or is being mended: what was measured, beside what was expected.

    `gained`: ruined days a week fewer than before; None as long as there is too little data.
    """

    digest: str
    sentence: str
    state: str
    state_in_words: str
    gained: float | None
    expected: float | None
    note: str


class Pace(msgspec.Struct, frozen=True):
    """A journey's good-day rate against its own four weeks before; the change's 95 % interval (of
    this week's share, customers as clusters)."""

    journey: str
    name: str
    now: float
    before: float
    change: float
    low: float
    high: float

    @property
    def direction(self) -> Literal["better", "worse", "same"]:
        """What is certain beyond chance."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "same"


class Lack(msgspec.Struct, frozen=True):
    """What cannot be measured yet, and the page that leads there."""

    what: str
    sentence: str
    do: str
    address: str


class Home(msgspec.Struct, frozen=True):
    """The answer to "What is ruining your customers' days?".

    `days` is None until a look found events that a journey recognises; `looked_at`: when the newest look was
    made, None before the first. `more`: findings to mend that are not listed here.
    """

    days: Days | None
    looked_at: datetime | None
    weeks: tuple[Week, ...]
    split: tuple[Piece, ...]
    moves: tuple[Move, ...]
    releases: tuple[Release, ...]
    findings: tuple[Ranked, ...]
    more: int
    mended: tuple[Mended, ...]
    paces: tuple[Pace, ...]
    lacking: tuple[Lack, ...]
