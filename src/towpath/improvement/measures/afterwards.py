"""Did mending help? Ruined days where a trouble was: in the week before it was taken on, and in the last."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from towpath.improvement.measures.descriptions import Description
from towpath.improvement.measures.detectors.watched import watched_of
from towpath.improvement.measures.frame import WEEK, Frame
from towpath.improvement.measures.local_time import day_number
from towpath.improvement.measures.step_days import StepDays
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.harm import Harm
from towpath.improvement.schemas.findings import Detected

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]

LEAST_HEARD = 0.25
LEAST_SHARE = 0.5
"""Where fewer customer-days than this share of those before came to the step, fewer bad ones say nothing: its
source may have fallen silent."""


def before_and_now(frame: Frame, harm: Harm, found: Detected, taken_on: date) -> tuple[float, float] | None:
    """Bad customer-days of that family at the step, among those whom the trouble hit: in the seven days up to
    `taken_on`, and in the last seven days of the frame.

    A version is left out of what those hit have in common: who moved on to the next version must fare better
    there for a gain to show. None for what is not counted so, where the days do not reach back so far, and
    where far fewer come.
    """
    then = day_number(taken_on)
    if then - WEEK + 1 < frame.first_day or frame.last_day - then < WEEK:
        return None
    for watched in watched_of(frame, harm):
        days = watched.days
        if _same(days, found):
            covered = description_of(found).covers(days)
            met, meet = (_in_week(days, covered, last) for last in (then, frame.last_day))
            if meet < LEAST_SHARE * met:
                return None
            bad = days.bad & covered
            return _in_week(days, bad, then), _in_week(days, bad, frame.last_day)
    return None


def silent_since(frame: Frame, found: Detected) -> datetime | None:
    """Since when nothing comes in from where the trouble was; None where something does, or nobody asks there
    any more.

    In the last seven days fewer attempts than a quarter of those of the week in which it was told: what was
    not measured did not heal.
    """
    if found.family == Family.CONTACT:
        return _silence(frame, frame.contacts.time, frame.contacts.day, found)
    journey = next((each for each in frame.journeys if each.plan.name == found.journey), None)
    if journey is None:
        return frame.as_of - timedelta(days=WEEK)
    place = next((n for n, step in enumerate(journey.steps) if step.key == found.step), None)
    if place is None:
        return None
    rows = np.arange(len(journey.time))[journey.at(place)]
    for name, word in found.where.segment.items():
        if name in journey.dimensions:
            rows = rows[journey.dimensions[name].take(rows).is_word(word)]
    return _silence(frame, journey.time[rows], journey.day[rows], found)


def _silence(frame: Frame, time: Int64, day: Int32, found: Detected) -> datetime | None:
    then, last = day_number(found.last_day), frame.last_day
    before, now = ((day > end - WEEK) & (day <= end) for end in (then, last))
    if then >= last or int(now.sum()) >= LEAST_HEARD * int(before.sum()):
        return None
    if not before.any():
        return None
    newest = int(time.max())
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=newest)


def description_of(found: Detected) -> Description:
    """What those hit have in common, without a version."""
    values = dict(found.where.segment)
    kind, _equals, name = found.culprit.partition("=")
    if kind in ("component", "service"):
        values[kind] = name
    return Description(tuple(sorted(values.items())), found.where.hours)


def _same(days: StepDays, found: Detected) -> bool:
    return (days.journey.plan.name, days.journey.steps[days.step].key, days.family.value) == (
        found.journey,
        found.step,
        found.family,
    )


def _in_week(days: StepDays, rows: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], last: int) -> float:
    return float((rows & (days.day > last - WEEK) & (days.day <= last)).sum())
