"""Did mending help? Ruined days where a trouble was: in the week before it was taken on, and in the last."""

from __future__ import annotations

from datetime import date

import numpy as np

from towpath.improvement.measures.descriptions import Description
from towpath.improvement.measures.detectors.watched import watched_of
from towpath.improvement.measures.frame import WEEK, Frame
from towpath.improvement.measures.local_time import day_number
from towpath.improvement.measures.step_days import StepDays
from towpath.improvement.rules.harm import Harm
from towpath.improvement.schemas.findings import Detected

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
