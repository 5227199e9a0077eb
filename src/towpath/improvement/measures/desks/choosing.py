"""Which of a desk's signals are troubles: chosen as one family, shrunken, one a topic where they are one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from towpath.analytics.families import family
from towpath.analytics.normal import Z90
from towpath.analytics.shrinking import shrink
from towpath.improvement.measures.desks.emerging import emerging_at
from towpath.improvement.measures.desks.loops import loops_at
from towpath.improvement.measures.desks.repeats import repeats_at
from towpath.improvement.measures.desks.seen import DeskSeen, DeskTrouble, times
from towpath.improvement.measures.desks.shifts import shifts_at
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.harm import Harm
from towpath.improvement.rules.looks import Q
from towpath.improvement.schemas.findings import Estimate

MOST = 5
"""Troubles of one family that a desk tells at once, the largest first."""
WHOLE = 0.5
"""Where topics account for so much of what comes back, the desk as a whole is no trouble beside them."""


def desk_troubles(desks: Sequence[DeskSeen], harm: Harm) -> list[DeskTrouble]:
    """Of all desks; those tested against chance are one Benjamini-Hochberg family."""
    tolerated = harm.tolerated
    tested = [
        trouble
        for seen in desks
        for trouble in (
            *repeats_at(seen, tolerated.returning),
            *loops_at(seen, tolerated.looping, harm.least_customers),
        )
    ]
    found = _without_wholes(_chosen(tested))
    found += [trouble for seen in desks for trouble in (*shifts_at(seen), *emerging_at(seen))]
    return _largest(_one_a_topic(found))


def _chosen(tested: Sequence[DeskTrouble]) -> list[DeskTrouble]:
    if not tested:
        return []
    judged = family([trouble.p for trouble in tested], Q)
    rows = zip(tested, _shrunken(tested), judged.q.tolist(), judged.selected.tolist(), strict=True)
    return [replace(each, q=q) for _seen, each, q, taken in rows if taken and each.excess.value > 0]


def _shrunken(tested: Sequence[DeskTrouble]) -> list[DeskTrouble]:
    """The posterior of each, among all that were tested of its kind: of the selected the largest are largest
    by luck, too. As the journeys' own (`measures/weighing.py`), the zero counts by at most p."""
    found = list(tested)
    for kind in (Family.REPEAT, Family.HANDOVER):
        places = [place for place, each in enumerate(tested) if each.family is kind]
        if not places:
            continue
        excess = np.array([tested[place].excess.value for place in places])
        error = np.array([_error(tested[place].excess) for place in places])
        drawn = shrink(excess, error, level=0.9)
        for row, place in enumerate(places):
            each, zero = tested[place], float(drawn.zero[row])
            if excess[row] > 0 and zero < 1.0 - 1e-9:
                value = float(drawn.mean[row]) / (1 - zero) * (1 - min(zero, each.p))
                found[place] = _scaled(each, value / float(excess[row]))
    return found


def _error(found: Estimate) -> float:
    return max((found.high - found.value) / Z90, 1e-3)


def _scaled(trouble: DeskTrouble, factor: float) -> DeskTrouble:
    cost = None if trouble.cost is None else trouble.cost * factor
    return replace(
        trouble, excess=times(trouble.excess, factor), ruined=times(trouble.ruined, factor), cost=cost
    )


def _without_wholes(found: Sequence[DeskTrouble]) -> list[DeskTrouble]:
    kept = []
    for each in found:
        topics = sum(
            other.excess.value
            for other in found
            if other.family is each.family and other.seen is each.seen and other.topic
        )
        if each.culprit or topics < WHOLE * each.excess.value:
            kept.append(each)
    return kept


def _one_a_topic(found: Iterable[DeskTrouble]) -> list[DeskTrouble]:
    """A topic that comes back and whose cause should go is one trouble: it comes since it is not solved."""
    kept: list[DeskTrouble] = []
    for each in found:
        gone = each.family is Family.SHIFT and each.evidence.to == "remove"
        place = next((n for n, other in enumerate(kept) if gone and _comes_back(other, each)), None)
        if place is None:
            kept.append(each)
        else:
            kept[place] = replace(kept[place], folded=(*kept[place].folded, each.family))
    return kept


def _comes_back(one: DeskTrouble, other: DeskTrouble) -> bool:
    return one.family is Family.REPEAT and one.seen is other.seen and one.topic == other.topic


def _largest(found: Iterable[DeskTrouble]) -> list[DeskTrouble]:
    counts: dict[tuple[str, Family], int] = {}
    kept = []
    for each in sorted(found, key=lambda each: (-each.ruined.value, -(each.cost or 0.0), each.culprit)):
        kind = each.seen.name, each.family
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= MOST:
            kept.append(each)
    return kept
