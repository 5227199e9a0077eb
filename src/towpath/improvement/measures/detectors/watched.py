"""What is watched: the customer-days of every step, in every family that can be told there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from towpath.improvement.measures.attempts import Attempts
from towpath.improvement.measures.causes import Watched
from towpath.improvement.measures.descriptions import Description, tables
from towpath.improvement.measures.detectors.loops import looping_days
from towpath.improvement.measures.detectors.losses import lost_days
from towpath.improvement.measures.detectors.shares import LEAST_BEFORE, Margin
from towpath.improvement.measures.detectors.waits import waiting_days
from towpath.improvement.measures.frame import Frame
from towpath.improvement.measures.step_days import StepDays, step_days
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.harm import Harm

LOOP_PLUS = 0.03
WAIT_PLUS = 0.02
RECENT = 35
LATE = Margin(0.0, times=2.0, plus=0.05, chronic=False, elsewhere=False)
"""Of answers later than the target: they ruin nobody's day, but that they became so is seen before
enough days are ruined."""


def watched_of(frame: Frame, harm: Harm) -> list[Watched]:
    """Faults, slowness (a fault that was slow as well is a fault), losses, loops, promises."""
    return [each for journey in frame.journeys for each in _of_journey(frame, journey, harm)]


def _of_journey(frame: Frame, journey: Attempts, harm: Harm) -> Iterator[Watched]:
    tolerated = harm.tolerated
    only_slow = journey.slow & ~journey.fault
    for step in range(len(journey.steps)):
        faults = step_days(journey, step, Family.FAULT, journey.fault, journey.said)
        slow = step_days(journey, step, Family.SLOW, only_slow, journey.timed)
        if faults is not None:
            yield Watched(faults, Margin(tolerated.fault))
        if slow is not None:
            yield Watched(slow, Margin(tolerated.frustrated))
            late = step_days(journey, step, Family.SLOW, journey.late, journey.timed)
            if late is not None:
                yield Watched(late, LATE, harm=slow)
        waits = waiting_days(frame, journey, step)
        if waits is not None:
            yield Watched(waits, Margin(tolerated.waiting, plus=WAIT_PLUS))
        for loops in looping_days(journey, step):
            yield Watched(loops, Margin(tolerated.repeated, plus=LOOP_PLUS, chronic=False))
    yield from _losses(frame, [*lost_days(frame, journey)], harm)


def _losses(frame: Frame, losses: Sequence[StepDays], harm: Harm) -> Iterator[Watched]:
    """Each step's losses, with how much more often each group is lost at the other steps."""
    differences = [_differences(frame, days) for days in losses]
    for place, days in enumerate(losses):
        others = [each for at, each in enumerate(differences) if at != place]
        everywhere = {
            described: max(0.0, float(np.median(values)))
            for described in differences[place]
            if (values := [each[described] for each in others if described in each])
        }
        margin = Margin(0.0, times=1.0, plus=harm.tolerated.loss, chronic=False, everywhere=everywhere)
        yield Watched(days, margin, hours=False)


def _differences(frame: Frame, days: StepDays) -> dict[Description, float]:
    """By how much each group is lost more often than the rest, in the last weeks."""
    recent = days.kept(days.day > frame.last_day - RECENT)
    found: dict[Description, float] = {}
    whole: tuple[float, float] | None = None
    for table in tables(recent, frame.first_day, len(frame.days), hours=False):
        bad, size = table.bad.sum(axis=1), table.size.sum(axis=1)
        if whole is None:
            whole = float(bad[0]), float(size[0])
            continue
        for place, described in enumerate(table.descriptions):
            rest = whole[1] - size[place]
            if min(size[place], rest) >= LEAST_BEFORE:
                found[described] = float(bad[place] / size[place] - (whole[0] - bad[place]) / rest)
    return found
