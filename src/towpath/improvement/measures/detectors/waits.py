"""Waiting beyond a promise: a step's `promise` is the longest time from the step before that was promised."""

from __future__ import annotations

import numpy as np

from towpath.analytics.instances import UNENDED
from towpath.improvement.measures.attempts import Attempts
from towpath.improvement.measures.columns import NONE
from towpath.improvement.measures.frame import Frame
from towpath.improvement.measures.local_time import DAY_US, local_us, microseconds_of
from towpath.improvement.measures.step_days import StepDays, without_failures
from towpath.improvement.measures.troubles import Bad
from towpath.improvement.rules.causes import Family
from towpath.journeys.rules.durations import microseconds


def waiting_days(frame: Frame, journey: Attempts, step: int) -> StepDays | None:
    """The customer-days on which a promise about this step was to be kept; bad are those on which it was
    broken: the step came later, or has not come. None without a promise, or where nobody waited."""
    promise = journey.steps[step].promise
    if not promise or step == 0:
        return None
    before, here = journey.runs.attempt[:, step - 1], journey.runs.attempt[:, step]
    waited = before != NONE
    before, here = before[waited], here[waited]
    due = journey.time[before] + microseconds(promise)
    came = np.where(here == NONE, np.iinfo(np.int64).max, journey.time[here])
    as_of = microseconds_of(frame.as_of)
    told = (came <= as_of) | ((due < as_of) & (journey.runs.end[waited] == UNENDED))
    attempt = np.where((here != NONE) & (came <= due), here, before)[told]
    day = (local_us(np.minimum(due, came)[told], frame.zone) // DAY_US).astype(np.int32)
    inside = (day >= frame.first_day) & (day <= frame.last_day)
    attempt, day = attempt[inside], day[inside]
    if not len(day):
        return None
    return StepDays(
        journey=journey,
        step=step,
        family=Family.WAIT,
        customer=journey.customer[attempt],
        day=day,
        hour=journey.hour[attempt],
        bad=(came > due)[told][inside],
        attempt=attempt,
        dimensions=without_failures({name: each.take(attempt) for name, each in journey.dimensions.items()}),
    )


def broken(days: StepDays) -> Bad:
    """The promises broken. The time is that of the last attempt before."""
    rows = np.flatnonzero(days.bad)
    return Bad(days.customer[rows], days.day[rows], days.journey.time[days.attempt[rows]])
