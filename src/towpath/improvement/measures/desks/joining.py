"""The same trouble seen at a desk and in journeys is one finding: what customers met, and what they then ask.

Where a journey's finding names the component or the service that a desk's tickets name, or the topic itself,
what comes back, what emerges and what should not come at all are evidence of it. A loop between teams or work
at the wrong level has a cause of its own there: it is told "together with" the component.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from towpath.improvement.measures.desks.seen import DeskTrouble
from towpath.improvement.measures.desks.telling import signal_of, told_of_desk
from towpath.improvement.measures.merging import LATER
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.pricing import Prices
from towpath.improvement.schemas.findings import Detected, Together

ROOTS = frozenset({Family.FAULT, Family.SLOW, Family.WAIT, Family.GRAVE, Family.CONTACT})
REPORTED = timedelta(days=14)
"""So long after a trouble began people start to ask."""


def with_desks(
    journeys: Sequence[Detected], desks: Sequence[DeskTrouble], prices: Prices
) -> tuple[Detected, ...]:
    """All findings by rank; those of a desk that are a journey's own are told there."""
    found, beside = list(journeys), []
    for trouble in desks:
        told = told_of_desk(trouble, prices)
        place = next((n for n, root in enumerate(found) if _is_one(root, trouble, told)), None)
        if place is None:
            beside.append(_with_kin(told, journeys))
        else:
            found[place] = _folded(found[place], trouble, told, prices)
    everything = [*found, *beside]
    everything.sort(key=lambda each: (not each.grave, -each.score, each.journey, each.step, each.culprit))
    return tuple(everything)


def _is_one(root: Detected, trouble: DeskTrouble, told: Detected) -> bool:
    follows = trouble.family in (Family.REPEAT, Family.EMERGING) or trouble.evidence.to == "remove"
    return follows and Family(root.family) in ROOTS and _same_place(root, told) and _same_time(root, told)


def _same_place(root: Detected, told: Detected) -> bool:
    if told.where.topic and root.culprit == f"topic={told.where.topic}":
        return True
    if told.where.component:
        return root.where.component == told.where.component
    return bool(told.where.service) and root.where.service == told.where.service


def _same_time(root: Detected, told: Detected) -> bool:
    """Onsets that may be one; unknown ones may."""
    if root.since is None or told.since is None:
        return True
    return root.since.low - LATER <= told.since.high and told.since.low <= root.since.high + REPORTED


def _folded(root: Detected, trouble: DeskTrouble, told: Detected, prices: Prices) -> Detected:
    """What the contacts cost is counted once: where the journey knows it, that stands."""
    cost, score = root.cost, root.score
    if told.cost is not None and (cost is None or cost.handling is None):
        counted = told.cost if cost is None else msgspec.structs.replace(cost, handling=told.cost.handling)
        cost, score = counted, score + told.cost.total / prices.day
    topic = (Together("topic", told.where.topic),) if told.where.topic else ()
    return msgspec.structs.replace(
        root,
        kinds=tuple(dict.fromkeys([*root.kinds, *told.kinds])),
        signals=(*root.signals, signal_of(trouble)),
        together=tuple(dict.fromkeys([*root.together, *topic])),
        cost=cost,
        score=score,
    )


def _with_kin(told: Detected, journeys: Sequence[Detected]) -> Detected:
    component = told.where.component
    if not component or all(each.where.component != component for each in journeys):
        return told
    return msgspec.structs.replace(told, together=(*told.together, Together("component", component)))
