"""Loops: the same step again, or over to another channel, although nothing had failed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from towpath.improvement.measures.attempts import Attempts
from towpath.improvement.measures.columns import NONE
from towpath.improvement.measures.step_days import StepDays, step_days, without_failures
from towpath.improvement.rules.causes import Family

Bool = npt.NDArray[np.bool_]


def looping_days(journey: Attempts, step: int) -> Iterator[StepDays]:
    """Customer-days at the step: with a repeat, and with a hop between channels."""
    part = journey.at(step)
    rows = np.arange(part.start, part.stop)
    rows = rows[np.lexsort((journey.time[rows], journey.run[rows]))]
    run, before = journey.run[rows][1:], journey.run[rows][:-1]
    bad = (journey.fault | journey.slow)[rows]
    again = (run == before) & (run != NONE) & ~bad[:-1]
    channel = journey.dimensions["channel"].codes[rows]
    other = (channel[1:] != channel[:-1]) & (channel[1:] != NONE) & (channel[:-1] != NONE)
    for repeated in (again & ~other, again & other):
        found = np.zeros(len(journey.time), np.bool_)
        found[rows[1:][repeated]] = True
        if found.any():
            days = step_days(journey, step, Family.LOOP, found, _always(journey))
            if days is not None:
                yield StepDays(
                    days.journey, days.step, days.family, days.customer, days.day, days.hour, days.bad,
                    days.attempt, without_failures(days.dimensions),
                )  # fmt: skip


def _always(journey: Attempts) -> Bool:
    return np.ones(len(journey.time), np.bool_)
