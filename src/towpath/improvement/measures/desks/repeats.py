"""What was solved comes back: by topic, and of the desk as a whole.

Counted by customers, each once for a topic: who asks every week for a quarter of a year is one customer for
whom it came back. Loudness raises nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from towpath.analytics.excess import above_share
from towpath.desk.measures.history import DAY_US
from towpath.improvement.measures.desks.seen import (
    FEWEST,
    Bool,
    DeskSeen,
    DeskTrouble,
    Int64,
    estimate,
    times,
)
from towpath.improvement.rules.causes import Family
from towpath.improvement.schemas.findings import DeskEvidence


def repeats_at(seen: DeskSeen, tolerated: float) -> Iterator[DeskTrouble]:
    """Of every topic against the others and what is tolerated, and of the desk; with their p-values."""
    history, returns = seen.history, seen.returns
    until = history.as_of - history.reading.repeat_days * DAY_US
    begin, weeks = seen.window(until)
    resolved = history.facts.first_resolved
    of = returns.followed & (resolved >= begin) & (resolved < until)
    back = of & returns.back
    every, hit = _customers(seen, of), _customers(seen, back)
    if hit < FEWEST:
        return
    yield _trouble(seen, (of, back), tolerated, weeks, "")
    topics, names = seen.topic.codes, seen.topic.texts()
    for code in np.unique(topics[back & (topics >= 0)]).tolist():
        mine = topics == code
        size, count = _customers(seen, of & mine), _customers(seen, back & mine)
        rest = every - size
        elsewhere = (hit - count) / rest if rest >= FEWEST else 0.0
        if count >= FEWEST:
            yield _trouble(seen, (of & mine, back & mine), max(tolerated, elsewhere), weeks, names[code])


def _trouble(
    seen: DeskSeen, tickets: tuple[Bool, Bool], usual: float, weeks: float, topic: str
) -> DeskTrouble:
    of, back = tickets
    size, hit = _customers(seen, of), _customers(seen, back)
    excess = estimate((hit - usual * size) / weeks, float(np.sqrt(max(hit, 1))) / weeks)
    days, price = _days_each(seen, back), seen.price(back)
    return DeskTrouble(
        seen=seen,
        family=Family.REPEAT,
        detector="desk_repeats",
        mask=back,
        excess=excess,
        ruined=times(excess, days),
        cost=None if price is None else max(excess.value, 0.0) * days * price,
        evidence=DeskEvidence(weeks, hit, size, usual * size),
        p=float(above_share(hit, size, usual)),
        topic=topic,
    )


def _customers(seen: DeskSeen, mask: Bool) -> int:
    """Pairs of customer and topic: one need of one customer counts once."""
    return len(np.unique(_needs(seen, mask)))


def _needs(seen: DeskSeen, mask: Bool) -> Int64:
    topics = np.int64(int(seen.topic.codes.max(initial=-1)) + 2)
    found: Int64 = seen.customer[mask] * topics + seen.topic.codes[mask] + 1
    return found


def _days_each(seen: DeskSeen, back: Bool) -> float:
    """On how many days the middle one of those who came back had to: the loud ones do not count for more."""
    returned = np.isin(seen.returns.repeats.of, np.flatnonzero(back))
    if not returned.any():
        return 1.0
    pairs = np.unique(np.column_stack([_needs(seen, returned), seen.day[returned]]), axis=0)
    return float(np.median(np.unique(pairs[:, 0], return_counts=True)[1]))
