"""Calls of a call centre: the records that page, API and `towpath desk calls --json` show."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from towpath.desk.rules.call_lists import CallGap, RefusedCalls


class CallsTaken(msgspec.Struct, frozen=True):
    """What a list changed. `gaps`: intervals that a day lacks in its midst; `unread`: columns not used."""

    series: str
    new: int
    changed: int
    same: int
    refused: tuple[RefusedCalls, ...]
    gaps: tuple[CallGap, ...]
    unread: tuple[str, ...]


class CallFigures(msgspec.Struct, frozen=True):
    """`given_up_share`: of the calls of intervals that say how many were given up, with a 95 % interval that
    takes days, not calls, as independent; None: too little data. `wait_seconds`: mean over answered calls.
    `within_share`: answered within the target, weighted by offered calls. `unexplained`: offered, but neither
    answered nor said to be given up."""

    offered: int
    answered: int
    abandoned: int | None
    unexplained: int
    given_up_share: float | None
    given_up_low: float | None
    given_up_high: float | None
    wait_seconds: float | None
    within_share: float | None
    intervals: int


class QueueCalls(msgspec.Struct, frozen=True):
    """`missing`: intervals that are usual at their hour of the week, and are not there."""

    queue: str
    figures: CallFigures
    missing: int


class WeekOfCalls(msgspec.Struct, frozen=True):
    """`whole`: the series covers its weekdays, as far as they ever have calls. `tickets` opened at the desks
    in it; None: no desk had begun yet."""

    monday: date
    whole: bool
    figures: CallFigures
    tickets: int | None


class HourOfCalls(msgspec.Struct, frozen=True):
    """An hour of the week (`weekday` 0 is Monday, in the series' time zone), and on how many `days` there
    were calls in it."""

    weekday: int
    hour: int
    days: int
    offered_a_day: float
    figures: CallFigures


class CallTrends(msgspec.Struct, frozen=True):
    """`queue`: the one that weeks and hours are of; "" all. `unknown`: what the lists do not tell."""

    series: str
    zone: str
    minutes: int
    queue: str
    begins: datetime | None
    ends: datetime | None
    queues: tuple[QueueCalls, ...]
    weeks: tuple[WeekOfCalls, ...]
    hours: tuple[HourOfCalls, ...]
    unknown: tuple[str, ...]
    refused: tuple[RefusedCalls, ...]


class CallSeriesShown(msgspec.Struct, frozen=True):
    name: str
    zone: str
    minutes: int
    intervals: int
    changed_at: datetime
