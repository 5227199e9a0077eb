"""Customers who would have come and did not: holes in the hourly arrivals of the week.

A total outage leaves no events. Arrivals (a customer's first attempt of a day at a step) are compared hour by
hour with the same hours of the weeks before; hours that lie far below go together to one hole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from towpath.analytics.expected import MIN_WEEKS, Expected, expected, in_weeks, missing
from towpath.analytics.normal import Z90, Z95
from towpath.improvement.measures.attempts import Attempts
from towpath.improvement.measures.frame import Frame
from towpath.improvement.measures.local_time import hours_lacking
from towpath.improvement.rules.looks import limit_hours
from towpath.improvement.schemas.findings import Estimate

Int64 = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

HOURS_A_WEEK = 168
SUSPECT = 0.01
WEEKS = 4
"""Weeks that are looked at: an outage of last month is not over because this week was well."""
LEAST = 3.0
"""Fewer missing customers than that are no hole."""


@dataclass(frozen=True, eq=False)
class Hole:
    """Hours of one local day in which fewer came to a step than should have. `p`: chance of it in any of the
    hours looked at; `certain`: its hours stand out among those of the closed week that could. `error`: of
    the number missing."""

    journey: Attempts
    step: int
    day: int
    hours: tuple[int, int]
    missing: float
    error: float
    p: float
    certain: bool = False


@dataclass(frozen=True)
class Missing:
    """Customers missing in the week in all, and by local day; `total` None where nothing can be said."""

    total: Estimate | None = None
    by_day: dict[int, float] = field(default_factory=dict)


def holes_of(frame: Frame) -> list[Hole]:
    """The holes of the last four weeks: of all journeys together, then of every step; those of the same hours
    at later steps of the journey left out."""
    if not frame.journeys:
        return []
    found = list(_holes(frame, *busiest(frame), all_arrivals(frame), everywhere=True))
    for journey in frame.journeys:
        visits = _visits(journey)
        for step in range(len(journey.steps)):
            part = journey.at(step)
            counts = _arrivals(frame, *(values[part] for values in visits))
            for hole in _holes(frame, journey, step, counts):
                if not any(each.journey is journey and _meet(each, hole) for each in found):
                    found.append(hole)
    return found


def all_arrivals(frame: Frame) -> Int64:
    """Customers who came to any journey, by hour of the frame and once a day, int64[days * 24]."""
    who, days, hours = (np.concatenate(parts) for parts in zip(*map(_visits, frame.journeys), strict=True))
    return _arrivals(frame, who, days, hours)


def _visits(journey: Attempts) -> tuple[Int64, Int64, Int64]:
    """Customer, day and hour of every attempt."""
    return journey.customer, journey.day.astype(np.int64), journey.hour.astype(np.int64)


def busiest(frame: Frame) -> tuple[Attempts, int]:
    """Where a hole in everything is shown: at the entrance of the journey with most customers."""
    return max(frame.journeys, key=lambda each: len(each.time)), 0


def missing_of(frame: Frame, holes: Sequence[Hole], silence: Hole | None = None) -> Missing:
    """How many customers did not arrive, from the holes that are certain; a customer of several journeys is
    missing once, so that of holes at the same hours the largest counts. `silence`: since the newest event,
    up to now."""
    if not any(baseline_of(frame, counts, frame.week[0]) for counts in _arrivals_by_journey(frame)):
        return Missing()
    taken: list[Hole] = []
    for hole in sorted(holes, key=lambda each: -each.missing):
        if hole.day >= frame.week[0] and not any(_meet(each, hole) for each in taken):
            taken.append(hole)
    if silence is not None:
        taken.append(silence)
    by_day: dict[int, float] = {}
    for hole in taken:
        by_day[hole.day] = by_day.get(hole.day, 0.0) + hole.missing
    value = sum(by_day.values())
    half = Z90 * float(np.sqrt(sum(hole.error**2 for hole in taken)))
    return Missing(Estimate(value, max(0.0, value - half), value + half), by_day)


def _meet(one: Hole, other: Hole) -> bool:
    return one.day == other.day and one.hours[0] < other.hours[1] and other.hours[0] < one.hours[1]


def _arrivals_by_journey(frame: Frame) -> Iterator[Int64]:
    for journey in frame.journeys:
        yield _arrivals(frame, *_visits(journey))


def _arrivals(frame: Frame, customer: Int64, day: Int64, hour: Int64) -> Int64:
    """Customers who came in each hour of the frame and had not come on that day before, int64[days * 24]."""
    order = np.lexsort((hour, day, customer))
    who, when = customer[order], day[order]
    first = np.concatenate([[True], (who[1:] != who[:-1]) | (when[1:] != when[:-1])]) if len(order) else order
    rows = order[np.asarray(first, np.bool_)]
    place = (day[rows] - frame.first_day) * 24 + hour[rows]
    return np.bincount(place, minlength=len(frame.days) * 24).astype(np.int64)


def baseline_of(frame: Frame, counts: Int64, first_day: int) -> Expected | None:
    """What was usual in the weeks before a day; None where too little is known."""
    start = (first_day - frame.first_day) * 24
    begun = int(np.argmax(counts > 0)) if counts.any() else start
    history = counts[begun:start]
    if len(history) < MIN_WEEKS * HOURS_A_WEEK:
        return None
    baseline = expected(in_weeks(history, HOURS_A_WEEK))
    return None if baseline.too_little else baseline


def _holes(
    frame: Frame, journey: Attempts, step: int, counts: Int64, *, everywhere: bool = False
) -> Iterator[Hole]:
    """Week by week, each against the weeks before it. `everywhere`: the counts are those of all journeys."""
    # An hour that still runs is no hour in which fewer came.
    over = frame.as_of.astimezone(frame.zone).hour if frame.closed < frame.last_day else 24
    counts = counts[: len(counts) - 24 + over]
    for back in range(WEEKS):
        first_day = frame.week[0] - 7 * back
        baseline = baseline_of(frame, counts, first_day)
        if baseline is None:
            return
        start = (first_day - frame.first_day) * 24
        actual = counts[start : start + HOURS_A_WEEK]
        said, sure = missing(baseline, actual), limit_hours(_if_empty(baseline)) if everywhere else 0.0
        suspect = (said.p < SUSPECT) & (said.estimate > 0)
        suspect[[at for at in _lacking(frame, first_day) if at < len(suspect)]] = False
        for low, high in _runs(suspect):
            hole = missing(baseline, actual[low:high], low)
            if hole.total is None or hole.total_p is None or hole.total.estimate < LEAST:
                continue
            error = (hole.total.high - hole.total.low) / (2 * Z95)
            hours = (low % 24, low % 24 + high - low)
            p = min(1.0, hole.total_p * HOURS_A_WEEK * WEEKS)
            certain = hole.total_p <= sure and not back
            yield Hole(journey, step, first_day + low // 24, hours, hole.total.estimate, error, p, certain)


def _if_empty(baseline: Expected) -> list[float]:
    """The p-value that each hour of the week would have, if nobody came."""
    p = missing(baseline, np.zeros(HOURS_A_WEEK)).p
    return [value for value in p.tolist() if not np.isnan(value)]


def _lacking(frame: Frame, first_day: int) -> list[int]:
    """Places, among the hours of the week from a day, that the clock leaps over: nobody can come then."""
    return [24 * day + hour for day in range(7) for hour in hours_lacking(first_day + day, frame.zone)]


def _runs(suspect: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Neighbouring hours of the same day that are suspect."""
    low = None
    for place, there in enumerate([*suspect.tolist(), False]):
        if low is not None and (not there or place % 24 == 0):
            yield low, place
            low = None
        if there and low is None:
            low = place
