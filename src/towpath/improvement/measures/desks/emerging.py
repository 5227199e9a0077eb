"""Topics with more tickets than their own past lets one expect, and from more customers.

A ticket of a customer who asked about the same in the four weeks before does not count: what a few people
ask again and again is no surge.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from towpath.desk.measures.emerging import emerging_of
from towpath.desk.schemas.emerging import EmergingTopic
from towpath.improvement.measures.desks.seen import Bool, DeskSeen, DeskTrouble, Int64, times
from towpath.improvement.measures.local_time import DAY_US, day_number
from towpath.improvement.rules.causes import Family
from towpath.improvement.schemas.findings import DeskEvidence, Estimate, Onset

WEEK = timedelta(days=7)
BEFORE = 28 * DAY_US
INCIDENT = "incident"


def emerging_at(seen: DeskSeen) -> Iterator[DeskTrouble]:
    """Of the last whole week."""
    told = emerging_of(seen.history, seen.name)
    if told.week is None:
        return
    monday = date.fromisoformat(told.week)
    begin = day_number(monday) * DAY_US
    opened = seen.history.facts.opened
    inside = (opened >= begin) & (opened < begin + 7 * DAY_US)
    codes = {name: code for code, name in enumerate(seen.history.topic.texts())}
    for each in told.topics:
        mine = np.asarray(seen.history.topic.codes == codes[each.topic])
        mask = mine & inside
        fresh = _fresh(seen, mine, mask)
        if fresh > (each.upper or 0.0):
            yield _trouble(seen, each, mask, fresh, monday)


def _fresh(seen: DeskSeen, mine: Bool, mask: Bool) -> int:
    """Customers of these tickets who had not asked about it in the four weeks before, each once."""
    opened = seen.history.facts.opened
    begin = int(opened[mask].min(initial=np.iinfo(np.int64).max))
    before = mine & (opened < begin) & (opened >= begin - BEFORE)
    asked: Int64 = np.setdiff1d(seen.customer[mask], seen.customer[before])
    return len(asked)


def _trouble(seen: DeskSeen, each: EmergingTopic, mask: Bool, fresh: int, monday: date) -> DeskTrouble:
    usual = each.expected or 0.0
    half = max((each.upper or 0.0) - usual, 1.645 * float(np.sqrt(fresh)) if not usual else 0.0)
    value = max(fresh - usual, 0.0)
    excess = Estimate(value, max(value - half, 0.0), value + half)
    kinds = seen.history.of_ticket["kind"]
    incident = np.array([*(name == INCIDENT for name in kinds.texts()), False])[kinds.codes]
    price = seen.price(mask)
    return DeskTrouble(
        seen=seen,
        family=Family.EMERGING,
        detector="desk_emerging",
        mask=mask,
        excess=excess,
        ruined=times(excess, float(incident[mask].mean())),
        cost=None if price is None else value * price,
        evidence=DeskEvidence(1.0, int(mask.sum()), int(mask.sum()), usual),
        q=each.q if each.q is not None else 0.0,
        topic=each.topic,
        since=Onset(monday, monday - WEEK, monday + timedelta(days=6)),
    )
