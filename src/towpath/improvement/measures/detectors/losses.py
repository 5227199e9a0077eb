"""Loss: who came to a step and did not go on, although nothing failed for them there.

Lost at a step: the first attempt of a run was neither a fault nor frustrated, and no later step was attempted
within the time in which nearly everybody goes on. Hours are no group here: who comes in the evening may mean
it less, and no step is to blame for that. For the same reason a group that is lost more often at every step
is none that this step loses: it is compared with how it differs elsewhere in the journey.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from towpath.analytics.instances import TERMINAL
from towpath.improvement.measures.attempts import Attempts
from towpath.improvement.measures.columns import NONE
from towpath.improvement.measures.frame import Frame
from towpath.improvement.measures.local_time import DAY_US, HOUR_US, microseconds_of
from towpath.improvement.measures.step_days import StepDays, without_failures
from towpath.improvement.rules.causes import Family

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

NEARLY_ALL = 0.98
LEAST_TO_KNOW = 50
LONGEST = 3 * DAY_US
"""Nobody is waited for longer: what was lost in the week must be seen within it."""


def lost_days(frame: Frame, journey: Attempts) -> Iterator[StepDays]:
    """At each step but the last, the customer-days of those whom nothing failed; bad are those lost."""
    for step in range(len(journey.steps) - 1):
        first, lost, known = lost_at(frame, journey, step)
        spared = known & ~(journey.fault[first] | journey.slow[first])
        if spared.sum() >= LEAST_TO_KNOW:
            yield _days(journey, step, first[spared], lost[spared])


def lost_at(frame: Frame, journey: Attempts, step: int) -> tuple[Int64, Bool, Bool]:
    """Each run's first attempt at the step (place), whether it was lost there, and whether that is known."""
    runs = journey.runs
    first = runs.attempt[:, step]
    came = first != NONE
    later = np.where(runs.attempt[:, step + 1 :] == NONE, np.iinfo(np.int64).max, _times(journey, step))
    time = journey.time[first[came]]
    went = later[came].min(axis=1, initial=np.iinfo(np.int64).max)
    on = (went >= time) & (went < np.iinfo(np.int64).max)
    wait = _patience(went[on] - time[on])
    ended = runs.end[came] == TERMINAL
    lost = ~(on & (went - np.minimum(time, went) <= wait)) & ~ended
    known = time + wait <= microseconds_of(frame.as_of)
    return first[came], lost, known


def _times(journey: Attempts, step: int) -> Int64:
    """When each run came to each later step."""
    places = journey.runs.attempt[:, step + 1 :]
    times: Int64 = journey.time[np.maximum(places, 0)]
    return times


def _patience(took: Int64) -> int:
    """Within what time nearly everybody who goes on does."""
    if len(took) < LEAST_TO_KNOW:
        return LONGEST
    return int(min(max(np.quantile(took, NEARLY_ALL), HOUR_US), LONGEST))


def _days(journey: Attempts, step: int, first: Int64, lost: Bool) -> StepDays:
    """A customer-day for each run; two runs on one day are rare enough to count twice."""
    days = StepDays(
        journey=journey,
        step=step,
        family=Family.LOSS,
        customer=journey.customer[first],
        day=journey.day[first],
        hour=journey.hour[first],
        bad=lost,
        attempt=first,
        dimensions={name: column.take(first) for name, column in journey.dimensions.items()},
    )
    return replace(days, dimensions=without_failures(days.dimensions))
