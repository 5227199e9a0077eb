"""What is watched: the customer-days of every step, in every family that can be told there."""

from __future__ import annotations

from towpath.improvement.measures.causes import Watched
from towpath.improvement.measures.detectors.shares import Margin
from towpath.improvement.measures.frame import Frame
from towpath.improvement.measures.step_days import step_days
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.harm import Harm


def watched_of(frame: Frame, harm: Harm) -> list[Watched]:
    """Faults and slowness; a fault that was slow as well is a fault."""
    found = []
    fault, slow = Margin(harm.tolerated.fault), Margin(harm.tolerated.frustrated)
    for journey in frame.journeys:
        only_slow = journey.slow & ~journey.fault
        for step in range(len(journey.steps)):
            for family, margin, bad, known in (
                (Family.FAULT, fault, journey.fault, journey.said),
                (Family.SLOW, slow, only_slow, journey.timed),
            ):
                days = step_days(journey, step, family, bad, known)
                if days is not None:
                    found.append(Watched(days, margin))
    return found
