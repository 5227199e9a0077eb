"""What tickets cost on the path that they really took, and against the first tier (the shift index)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from towpath.analytics.kernels.compiling import Bool, Int64
from towpath.analytics.ticket_paths import TIERS
from towpath.desk.measures.history import History
from towpath.desk.rules.rates import Rates
from towpath.desk.schemas.flow import Costs
from towpath.desk.schemas.solved import ShiftMonth

Floats = npt.NDArray[np.float64]
FEWEST = 10
"""Tickets of a month below which its shift index would be chance."""


@dataclass(frozen=True, eq=False)
class Paths:
    """`cost` float64[t], 0 where `priced` (bool[t]) says that it is not known; `by_tier` float64[t, 10];
    `loops` float64[t]: the part for coming again to a tier. `first`: the rate of tier 1, None without."""

    cost: Floats
    by_tier: Floats
    loops: Floats
    priced: Bool
    first: float | None


def paths_of(history: History, rates: Rates) -> Paths:
    """Of every ticket of a desk."""
    facts = history.facts
    known = rates.by_tier(TIERS - 1)
    rate = np.array([0.0 if each is None else each for each in known])
    lacks = np.array([each is None for each in known])
    priced = facts.tiers_known & ~(facts.stays[:, lacks] > 0).any(axis=1)
    people = _people(history)
    by_tier = np.where(priced[:, None], facts.stays * people * rate, 0.0)
    again = np.where(priced[:, None], np.maximum(facts.stays - 1, 0) * people * rate, 0.0)
    cost, loops = by_tier.sum(axis=1), again.sum(axis=1)
    if rates.origin.includes_earlier:
        dearest = np.where(facts.stays > 0, by_tier, 0.0).argmax(axis=1)
        once = np.where(np.arange(TIERS) == dearest[:, None], (people * rate), 0.0)
        by_tier = np.where(priced[:, None], once, 0.0)
        cost, loops = by_tier.sum(axis=1), np.zeros(len(cost))
    return Paths(cost, by_tier, loops, priced, known[1])


def _people(history: History) -> Floats:
    """How many took part in a ticket at a tier: the most that a movement there names, else one."""
    found = np.ones((len(history.tickets), TIERS))
    said = history.moving["people"]
    if not len(said.names):
        return found
    numbers = [float(name) if name.replace(".", "", 1).isdigit() else 1.0 for name in said.texts()]
    of_row = np.array([*numbers, 1.0])[said.codes]
    rows = np.flatnonzero((of_row > 1) & (history.tier >= 0))
    np.maximum.at(found, (history.ticket_of[rows], history.tier[rows]), of_row[rows])
    return found


def costs_of(paths: Paths, chosen: Bool, rates: Rates) -> Costs:
    """Of the chosen tickets together."""
    priced = chosen & paths.priced
    count, total = np.count_nonzero(priced), float(paths.cost[priced].sum())
    return Costs(
        currency=rates.currency,
        total=total,
        per_ticket=float(total / count) if count else None,
        loops=float(paths.loops[priced].sum()),
        unpriced=int(np.count_nonzero(chosen & ~paths.priced)),
        source=rates.origin.source,
        year=rates.origin.year,
        includes_earlier=rates.origin.includes_earlier,
    )


def shift_index(paths: Paths, chosen: Bool) -> float | None:
    """Cost of the whole paths / cost had tier 1 solved them; None where nothing is priced."""
    priced = chosen & paths.priced
    if not paths.first or not priced.any():
        return None
    return float(paths.cost[priced].mean() / paths.first)


def shift_trend(history: History, paths: Paths, chosen: Bool) -> tuple[ShiftMonth, ...]:
    """By month of opening, at one mix of topics and today's rates."""
    priced = np.flatnonzero(chosen & paths.priced)
    if not paths.first or not len(priced):
        return ()
    months = history.facts.opened[priced].astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    topic = history.topic.codes[priced].astype(np.int64) + 1
    share = np.bincount(topic) / len(priced)
    found = []
    for month in np.unique(months):
        inside = months == month
        costs = paths.cost[priced[inside]]
        found.append(_of_month(int(month), topic[inside], costs, share, paths.first))
    return tuple(found)


def _of_month(month: int, topic: Int64, cost: Floats, share: Floats, first: float) -> ShiftMonth:
    count = np.bincount(topic, minlength=len(share))
    there = count > 0
    mean = np.bincount(topic, cost, minlength=len(share))[there] / count[there]
    covered = float(share[there].sum())
    index = float((mean * share[there]).sum() / covered / first) if len(cost) >= FEWEST else None
    named = np.datetime64(month, "M").astype(datetime)
    return ShiftMonth(f"{datetime(named.year, named.month, 1, tzinfo=UTC):%Y-%m}", len(cost), index, covered)
