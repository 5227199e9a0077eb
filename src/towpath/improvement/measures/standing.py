"""The week in customer-days, as home shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from towpath.analytics import days as counting
from towpath.analytics.days import ACTIVITY, CustomerDays, DaysPartial
from towpath.analytics.normal import Z95
from towpath.improvement.measures.attempts import Attempts
from towpath.improvement.measures.frame import MONTH, Frame
from towpath.improvement.measures.local_time import date_of
from towpath.improvement.measures.missing import Missing
from towpath.improvement.schemas.days import CauseShare, DayFigures, Days, JourneyDays

Bool = npt.NDArray[np.bool_]
TOLD_DAYS = 13 * 7
"""Days that home's pictures show: the week and twelve before."""


def standing_days(frame: Frame, partial: DaysPartial, digests: Sequence[str], missing: Missing) -> Days:
    """The figures of the week. `digests`: of the troubles by place; causes beyond them have no finding."""
    first, last = frame.week
    week = counting.finish(partial, first, last)
    before = counting.finish(partial, first - MONTH, first - 1)
    active, ruined = int(week.active.sum()), int(week.ruined.sum())
    lacking = _lacking(frame)
    told = active and not {"outcome", "latency"} <= set(lacking)
    low, high = _interval(partial, first, last) if told else (None, None)
    attempts, with_target, per_thousand = _attempts(frame)
    return Days(
        as_of=frame.as_of,
        zone=frame.zone.key,
        first=date_of(first),
        last=date_of(last),
        active=active,
        ruined=ruined,
        good_rate=1 - ruined / active if told else None,
        good_low=low,
        good_high=high,
        before=_good(before) if told else None,
        faults_per_thousand=per_thousand,
        missing=missing.total,
        attempts=attempts,
        with_target=with_target,
        lacking=lacking,
        days=_by_day(counting.finish(partial, last + 1 - TOLD_DAYS, last), (first, last), missing),
        causes=_causes(week, digests),
        moved_by=_moved_by(week, before, digests) if told else (),
        journeys=tuple(_journeys(frame)),
    )


def _good(figures: CustomerDays) -> float | None:
    active = int(figures.active.sum())
    return 1 - int(figures.ruined.sum()) / active if active else None


def _lacking(frame: Frame) -> tuple[str, ...]:
    """What no event of these weeks says."""
    said = any(journey.said.any() for journey in frame.journeys)
    timed = any(journey.timed.any() for journey in frame.journeys)
    known = {"outcome": said, "latency": timed, "contact": bool(len(frame.contacts.time))}
    return tuple(name for name, there in known.items() if not there)


def _interval(partial: DaysPartial, first: int, last: int) -> tuple[float, float]:
    """95 % of the good-day rate, customers as clusters: the bad days of one come together."""
    inside = (partial.day >= first) & (partial.day <= last)
    return _clustered(partial.customer[inside], partial.day[inside], partial.cause[inside] != ACTIVITY)


def _clustered(customer: npt.NDArray[np.int64], day: npt.NDArray[np.int32], bad: Bool) -> tuple[float, float]:
    """The same of rows by customer and day: a day is bad where one of its rows is."""
    change = np.concatenate([[True], (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])])
    of_day = np.cumsum(change) - 1
    ruined = np.bincount(of_day[bad], minlength=int(of_day[-1]) + 1) > 0
    people, place = np.unique(customer[change], return_inverse=True)
    active = np.bincount(place).astype(np.float64)
    worse = np.bincount(place, weights=ruined).astype(np.float64)
    rate = float(worse.sum() / active.sum())
    count = len(people)
    if count < 2:
        return 0.0, 1.0
    spread = float(np.sqrt(count / (count - 1) * np.sum((worse - rate * active) ** 2)) / active.sum())
    return max(0.0, 1 - rate - Z95 * spread), min(1.0, 1 - rate + Z95 * spread)


def _attempts(frame: Frame) -> tuple[int, float, float | None]:
    """Attempts of the week, the share of them at steps with a target, and faults per 1,000 that say."""
    count = targeted = said = faults = 0
    for journey in frame.journeys:
        inside = _within(journey.day, *frame.week)
        aimed = np.array([bool(step.target) for step in journey.steps], np.bool_)[journey.step]
        count += int(inside.sum())
        targeted += int((inside & aimed).sum())
        said += int((inside & journey.said).sum())
        faults += int((inside & journey.fault).sum())
    return count, targeted / count if count else 0.0, 1000 * faults / said if said else None


def _by_day(figures: CustomerDays, week: tuple[int, int], missing: Missing) -> tuple[DayFigures, ...]:
    """Each day from the first that anybody came on, or the week's first, to its last."""
    active = dict(zip(figures.days.tolist(), figures.active.tolist(), strict=True))
    ruined = dict(zip(figures.days.tolist(), figures.ruined.tolist(), strict=True))
    earliest = min((day for day, count in active.items() if count), default=week[0])
    return tuple(
        DayFigures(date_of(day), active.get(day, 0), ruined.get(day, 0), missing.by_day.get(day, 0.0))
        for day in range(min(earliest, week[0]), week[1] + 1)
    )


def _shares(figures: CustomerDays, digests: Sequence[str]) -> dict[str, float]:
    """Share days by digest, "" for what has no finding."""
    found: dict[str, float] = {}
    for place, days in zip(figures.causes.tolist(), figures.share.sum(axis=1).tolist(), strict=True):
        digest = digests[place] if place < len(digests) else ""
        found[digest] = found.get(digest, 0.0) + days
    return found


def _causes(week: CustomerDays, digests: Sequence[str]) -> tuple[CauseShare, ...]:
    shares = _shares(week, digests)
    return tuple(
        CauseShare(digest, shares[digest]) for digest in sorted(shares, key=lambda each: -shares[each])
    )


def _moved_by(week: CustomerDays, before: CustomerDays, digests: Sequence[str]) -> tuple[CauseShare, ...]:
    """By how many points each lowered the good-day rate against the weeks before; largest first."""
    now, then = int(week.active.sum()), int(before.active.sum())
    if not now or not then:
        return ()
    shares, earlier = _shares(week, digests), _shares(before, digests)
    points = {
        digest: 100 * (shares.get(digest, 0.0) / now - earlier.get(digest, 0.0) / then)
        for digest in {*shares, *earlier}
    }
    return tuple(
        CauseShare(digest, points[digest]) for digest in sorted(points, key=lambda d: -abs(points[d]))
    )


def _journeys(frame: Frame) -> list[JourneyDays]:
    """Faults and frustrated attempts alone: a contact belongs to no journey."""
    found = []
    first, last = frame.week
    for journey in frame.journeys:
        bad = journey.fault | journey.slow
        active, ruined = _customer_days(journey.customer, journey.day, bad, (first, last))
        was, lost = _customer_days(journey.customer, journey.day, bad, (first - MONTH, first - 1))
        before = 1 - lost / was if was else None
        low, high = _spread(journey, bad, (first, last)) if active else (None, None)
        name = journey.definition.name
        found.append(JourneyDays(journey.definition.key, name, active, ruined, before, low, high))
    return found


def _spread(journey: Attempts, bad: Bool, span: tuple[int, int]) -> tuple[float, float]:
    inside = np.flatnonzero(_within(journey.day, *span))
    order = inside[np.lexsort((journey.day[inside], journey.customer[inside]))]
    return _clustered(journey.customer[order], journey.day[order], bad[order])


def _customer_days(
    customer: npt.NDArray[np.int64], day: npt.NDArray[np.int32], bad: Bool, span: tuple[int, int]
) -> tuple[int, int]:
    inside = _within(day, *span)
    facts = counting.DayFacts(
        customer[inside], day[inside], np.where(bad[inside], 0, ACTIVITY).astype(np.int32)
    )
    figures = counting.finish(counting.partial(facts))
    return int(figures.active.sum()), int(figures.ruined.sum())


def _within(day: npt.NDArray[np.int32], first: int, last: int) -> Bool:
    inside: Bool = (day >= first) & (day <= last)
    return inside


def no_days(zone: str) -> Days:
    """Where there is nothing to count yet."""
    nothing: date | None = None
    return Days(
        as_of=None, zone=zone, first=nothing, last=nothing, active=0, ruined=0, good_rate=None, good_low=None,
        good_high=None, before=None, faults_per_thousand=None, missing=None, attempts=0, with_target=0.0,
        lacking=("outcome", "latency", "contact"),
    )  # fmt: skip
