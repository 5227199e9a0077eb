"""A problem analysis: the record that page, API and `towpath desk analysis --json` show."""

from __future__ import annotations

from datetime import datetime

import msgspec

from towpath.desk.rules.problem_analysis import Analysis


class CauseStanding(msgspec.Struct, frozen=True):
    """A possible cause (`place` among them) and on how many pairs it fails, assumes something, or was not
    tested yet."""

    place: int
    text: str
    fails: int
    assumes: int
    untested: int


class ProblemAnalysisShown(msgspec.Struct, frozen=True):
    """`proposed`: nobody saved it yet; it holds what the desk's history tells. `tickets`: how many are bound
    to this one. `most_probable`: place of the cause; None: none stands all tests alone."""

    desk: str
    number: str
    title: str
    proposed: bool
    tickets: int
    analysis: Analysis
    standings: tuple[CauseStanding, ...]
    most_probable: int | None
    changed_by: str
    changed_at: datetime | None
