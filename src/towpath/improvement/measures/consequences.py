"""What follows from a trouble: customers lost, and contacts to handle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from towpath.analytics.instances import CONVERTED
from towpath.analytics.loss import Units, loss_together_with
from towpath.analytics.normal import Z95
from towpath.improvement.measures.causes import Cause
from towpath.improvement.measures.columns import NONE
from towpath.improvement.measures.days import Facts
from towpath.improvement.measures.detectors.losses import lost_at
from towpath.improvement.measures.frame import Frame
from towpath.improvement.measures.local_time import HOUR_US
from towpath.improvement.measures.troubles import Trouble
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.pricing import Prices

Int64 = npt.NDArray[np.int64]

LEAST_TO_KNOW = 30
RECENT = 35
"""Days before the week whose runs tell how many of those who go on come to the end."""


def with_consequences(
    frame: Frame, troubles: Sequence[Trouble], facts: Facts, prices: Prices
) -> list[Trouble]:
    """The troubles with customers lost beyond expectation, and with what the contacts about them cost."""
    found = []
    for place, trouble in enumerate(troubles):
        lost, error = _lost(frame, trouble)
        contacts = _handling(frame, trouble, facts, place, prices)
        found.append(replace(trouble, lost=lost, lost_error=error, contacts=contacts))
    return found


def _lost(frame: Frame, trouble: Trouble) -> tuple[float, float]:
    if trouble.family is Family.LOSS:
        return max(trouble.excess, 0.0), trouble.error
    if trouble.family is Family.MISSING or trouble.step == len(trouble.journey.steps) - 1:
        return 0.0, 0.0
    return _lost_with(frame, trouble)


def _lost_with(frame: Frame, trouble: Trouble) -> tuple[float, float]:
    """Lost at the step together with the bad experience: beyond those of the same channel and hour whom it
    spared; 0 where that cannot be told."""
    journey = trouble.journey
    first, lost, known = lost_at(frame, journey, trouble.step)
    week = (journey.day[first] >= frame.week[0]) & (journey.day[first] <= frame.week[1])
    first, lost = first[known & week], lost[known & week]
    exposed = (journey.fault | journey.slow)[first] & trouble.description.covers(journey)[first]
    spared = ~(journey.fault | journey.slow)[first]
    told_of = exposed | spared
    first, lost, exposed = first[told_of], lost[told_of], exposed[told_of]
    if not exposed.any() or exposed.all():
        return 0.0, 0.0
    channel = journey.dimensions["channel"].codes[first].astype(np.int64)
    hour = journey.hour[first].astype(np.int64)
    units = Units(
        exposed=exposed,
        lost=lost,
        strata=[channel * 24 + hour, channel, np.zeros(len(first), np.int64)],
        block=journey.time[first] // HOUR_US,
        customer=journey.customer[first],
    )
    told = loss_together_with(units)
    if told.lost_beyond is None or told.verdict != "together with":
        return 0.0, 0.0
    error = (told.lost_beyond.high - told.lost_beyond.low) / (2 * Z95)
    return max(told.lost_beyond.estimate, 0.0), error


def carried_through(frame: Frame, cause: Cause) -> float:
    """Of those whom a step does not lose, the share that comes to the end: the others would be lost later."""
    journey, step = cause.days.journey, cause.days.step
    later = (journey.runs.attempt[:, step + 1 :] != NONE).any(axis=1)
    entry = journey.runs.attempt[:, step]
    day = journey.day[np.maximum(entry, 0)]
    seen = later & (entry != NONE) & (day < frame.week[0]) & (day >= frame.week[0] - RECENT)
    if seen.sum() < LEAST_TO_KNOW:
        return 1.0
    return float((journey.runs.end[seen] == CONVERTED).mean())


def _handling(frame: Frame, trouble: Trouble, facts: Facts, place: int, prices: Prices) -> float:
    """Contacts of the week about it, at their tiers' cost; only those beyond what would have come."""
    rows = facts.contacts[facts.contact_causes == place]
    rows = rows[(frame.contacts.day[rows] >= frame.week[0]) & (frame.contacts.day[rows] <= frame.week[1])]
    tiers = frame.contacts.tier.take(rows).to_words()
    bad = len(trouble.bad.within(*frame.week).day)
    beyond = min(max(trouble.excess / bad, 0.0), 1.0) if bad else 1.0
    return beyond * sum(prices.of_tier(tier) if tier else prices.contact for tier in tiers)
