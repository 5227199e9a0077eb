"""Customer-days at one step: whether the day was bad there, and how the attempt went that decided it.

A customer who meets a fault tries again: attempts of one day share their fate, customer-days do much less.
So customer-days are what is counted, tested and compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from towpath.improvement.measures.attempts import Attempts
from towpath.improvement.measures.columns import Column
from towpath.improvement.rules.causes import Family

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Int8 = npt.NDArray[np.int8]
Bool = npt.NDArray[np.bool_]

HOURS = 24
COLUMNS_OF_FAILURE = frozenset({"component"})
"""What a bad attempt names is what failed, or was slow; a good one names another for another reason. So
values are compared by how many of all customer-days went wrong so."""


@dataclass(frozen=True, eq=False)
class StepDays:
    """Customer-days at one step, of one family. `attempt`: place in the journey's attempts of the one that
    decided: the first bad one, else the first. `dimensions`: as it stood there. `failing`: the dimensions
    that mean something at bad attempts only.
    """

    journey: Attempts
    step: int
    family: Family
    customer: Int64
    day: Int32
    hour: Int8
    bad: Bool
    attempt: Int64
    dimensions: dict[str, Column]
    failing: frozenset[str] = COLUMNS_OF_FAILURE

    def kept(self, rows: Bool) -> StepDays:
        """Some of them (bool[n])."""
        return StepDays(
            self.journey,
            self.step,
            self.family,
            self.customer[rows],
            self.day[rows],
            self.hour[rows],
            self.bad[rows],
            self.attempt[rows],
            {name: Column(column.codes[rows], column.words) for name, column in self.dimensions.items()},
            self.failing,
        )


def step_days(journey: Attempts, step: int, family: Family, bad: Bool, known: Bool) -> StepDays | None:
    """The customer-days of the attempts at a step that are `known`, of which some are `bad` (bool of all the
    journey's attempts). None where nothing is known."""
    part = journey.at(step)
    rows = np.flatnonzero(known[part]) + part.start
    if not len(rows):
        return None
    customer, time = journey.customer[rows], journey.time[rows]
    if np.any(customer[1:] < customer[:-1]):
        rows = rows[np.lexsort((time, customer))]
    customer, day = journey.customer[rows], journey.day[rows]
    first = np.flatnonzero(np.concatenate([[True], (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])]))
    places = np.arange(len(rows))
    worst = np.minimum.reduceat(np.where(bad[rows], places, len(rows)), first)
    decided = np.where(worst < len(rows), worst, first)
    attempt = rows[decided]
    columns = {name: column.take(attempt) for name, column in journey.dimensions.items()}
    return StepDays(
        journey=journey,
        step=step,
        family=family,
        customer=customer[first],
        day=day[first],
        hour=journey.hour[attempt],
        bad=worst < len(rows),
        attempt=attempt,
        dimensions=columns,
    )


def without_failures(dimensions: dict[str, Column]) -> dict[str, Column]:
    """The dimensions but those of failure: where nothing failed they say nothing."""
    return {name: column for name, column in dimensions.items() if name not in COLUMNS_OF_FAILURE}
