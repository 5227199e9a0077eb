"""What was solved comes back: by topic, and of the desk as a whole.

Counted by customers, each once for a topic: who asks every week for a quarter of a year is one customer for
whom it came back. Loudness raises nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
    needs = _Needs.of(seen, of, back)
    if needs.hit.sum() < FEWEST:
        return
    yield _trouble(seen, back, (int(needs.hit.sum()), int(needs.size.sum()), tolerated, weeks))
    names = seen.topic.texts()
    for code in np.flatnonzero(needs.hit[1:] >= FEWEST).tolist():
        count, size = int(needs.hit[code + 1]), int(needs.size[code + 1])
        rest, others = int(needs.size.sum()) - size, int(needs.hit.sum()) - count
        usual = max(tolerated, others / rest if rest >= FEWEST else 0.0)
        mine = back & (seen.topic.codes == code)
        yield _trouble(seen, mine, (count, size, usual, weeks), names[code])


@dataclass(frozen=True, eq=False)
class _Needs:
    """Customers by topic, int64[topics + 1], those without a topic first: `size` whose tickets were solved,
    `hit` for whom that came back. One need of one customer counts once."""

    size: Int64
    hit: Int64

    @classmethod
    def of(cls, seen: DeskSeen, of: Bool, back: Bool) -> _Needs:
        topics = int(seen.topic.codes.max(initial=-1)) + 2
        counted = (np.unique(needs_of(seen, mask)) % topics for mask in (of, back))
        return cls(*(np.bincount(each, minlength=topics) for each in counted))


def needs_of(seen: DeskSeen, mask: Bool) -> Int64:
    """A number for each of these tickets: the same for one customer and topic."""
    topics = int(seen.topic.codes.max(initial=-1)) + 2
    found: Int64 = seen.customer[mask] * topics + seen.topic.codes[mask] + 1
    return found


def _trouble(
    seen: DeskSeen, back: Bool, counts: tuple[int, int, float, float], topic: str = ""
) -> DeskTrouble:
    hit, size, usual, weeks = counts
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


def _days_each(seen: DeskSeen, back: Bool) -> float:
    """On how many days the middle one of those who came back had to: the loud ones do not count for more."""
    of = seen.returns.repeats.of
    returned = (of >= 0) & back[np.maximum(of, 0)]
    if not returned.any():
        return 1.0
    _each, need = np.unique(needs_of(seen, returned), return_inverse=True)
    day = seen.day[returned]
    pairs = np.unique(need * (int(day.max()) + 1) + day) // (int(day.max()) + 1)
    return float(np.median(np.unique(pairs, return_counts=True)[1]))
