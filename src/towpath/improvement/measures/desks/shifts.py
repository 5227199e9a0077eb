"""Work that should move, or that should not come at all: the desk's candidates, weighed as harm.

What moves costs less there; what a removed cause leaves away are days of customers, too: each of these
contacts came since something was not done, or not done right.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from towpath.analytics import shifting
from towpath.analytics.normal import Z90, Z95
from towpath.analytics.shifting import Freed
from towpath.desk.measures.candidates import FLOOR, Candidate, assumed_of, candidates_of, hours_of
from towpath.improvement.measures.desks.seen import FEWEST, NOTHING, Bool, DeskSeen, DeskTrouble, times
from towpath.improvement.rules.causes import Family
from towpath.improvement.schemas.findings import DeskEvidence, Estimate

SELF_SERVICE = 0


def shifts_at(seen: DeskSeen) -> Iterator[DeskTrouble]:
    """Every candidate that frees something at least, by its 95 % interval on weeks it was not chosen by. Of
    a cause to remove each customer counts once, and a few are too little data, however often they ask."""
    for each in candidates_of(seen.desked, seen.assumed):
        moves = each.choice.level != "stay" and each.topic not in seen.decided
        if moves and each.freed is not None and each.freed.low > 0:
            mask = _moving(seen, each)
            people = len(np.unique(seen.customer[mask]))
            if each.choice.level != "remove" or people >= FEWEST:
                yield _trouble(seen, each, each.freed, mask)


def _trouble(seen: DeskSeen, each: Candidate, freed: Freed, mask: Bool) -> DeskTrouble:
    level = each.choice.level
    a_week = hours_of(seen.desked, each)[0] / shifting.WEEKS_A_YEAR
    if level == "remove":
        a_week = len(np.unique(seen.customer[mask])) / seen.desked.weeks / each.evidence.failure
    assumed = assumed_of(level, each.evidence, seen.assumed)
    gone = a_week * shifting.saving(1.0, assumed) if level == "remove" else 0.0
    sides = [1 + (bound / freed.hours - 1) * Z90 / Z95 for bound in (freed.low, freed.high)]
    spread = Estimate(1.0, max(sides[0], 0.0), sides[1])
    price = seen.price(mask)
    new = 0.0 if level == "remove" else _rate(seen, level)
    money = None
    if price is not None and new is not None:
        told = shifting.Assumed(assumed.used, assumed.success, assumed.induced, new)
        money = max(a_week * shifting.saving(price, told), 0.0)
    moved = times(spread, a_week * assumed.used * assumed.success)
    return DeskTrouble(
        seen=seen,
        family=Family.SHIFT,
        detector="desk_shift",
        mask=mask,
        excess=moved,
        ruined=times(spread, gone) if gone > 0 else NOTHING,
        cost=money,
        evidence=DeskEvidence(
            float(seen.desked.weeks),
            int(mask.sum()),
            each.tickets,
            0.0,
            level,
            Estimate(freed.hours, freed.low, freed.high),
        ),
        topic=each.topic,
    )


def _moving(seen: DeskSeen, each: Candidate) -> Bool:
    """The topic's tickets that the move takes: to a tier those that were solved above it, of a removed cause
    those that came since something was not done."""
    mask = np.zeros(len(seen.history.tickets), np.bool_)
    mask[seen.desked.rows(each.topic)] = True
    level = each.choice.level
    if level == "remove":
        return mask & seen.desked.topics.failure
    floor = FLOOR.get(level)
    return mask if floor is None else mask & (seen.history.facts.resolved_tier > floor)


def _rate(seen: DeskSeen, level: str) -> float | None:
    return seen.rates.by_tier(9)[FLOOR.get(level, SELF_SERVICE)]
