"""The one-page account for leaders: a week in plain words, with what infrastructure spoiled and saved."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from towpath.improvement.schemas.days import Days
from towpath.visibility.schemas.home import Mended, Pace, Piece, Week
from towpath.visibility.schemas.known import Known


class WeekBody(msgspec.Struct, frozen=True):
    """What an account is made from: the figures, and the findings as they were then."""

    days: Days
    findings: tuple[Known, ...]


class Account(msgspec.Struct, frozen=True):
    """One ISO week. Its figures are of the seven local days that end with `last`.

    `whole`: the week is over, so that the seven days are those of the week. `spoiled`: ruined customer-days
    of findings that name a component or a change. `saved`: ruined days a week fewer since causes are gone,
    measured ones only; None where none was measured ("too little data"). `sentences`: the week in words.
    """

    week: str
    first: date
    last: date
    as_of: datetime
    zone: str
    whole: bool
    active: int
    ruined: int
    good_rate: float | None
    good_low: float | None
    good_high: float | None
    before: float | None
    spoiled: float
    spoiled_by: tuple[Piece, ...]
    saved: float | None
    saved_by: tuple[Mended, ...]
    weeks: tuple[Week, ...]
    split: tuple[Piece, ...]
    paces: tuple[Pace, ...]
    sentences: tuple[str, ...]

    @property
    def year(self) -> int:
        """The ISO year, which is not always that of the days."""
        return int(self.week[:4])

    @property
    def number(self) -> int:
        return int(self.week[-2:])
