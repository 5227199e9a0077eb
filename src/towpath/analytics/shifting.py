"""Where work should be done: for one topic the level recommended, why, and the capacity freed.

Definitions ("Desk"): the cause is removed first; else the lowest level that can: handled short and alike,
solved the same way; self-service only if also narrow. Saving per ticket = u * (C_now - (C_new + (1 - s) *
C_now)), less the contacts that it induces. The level is chosen on odd weeks and its effect estimated on even
ones, since whatever looks best by chance would look so in both (the winner's curse). The interval is a
bootstrap by parent incident, else by week: tickets of one incident, or of one week, are no independent
witnesses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Level = Literal["remove", "self_service", "tier_1", "tier_2", "stay"]
Reason = Literal[
    "failure_demand", "short", "alike", "same_way", "narrow", "solved_above",
    "too_few", "way_unknown", "many_ways", "broad", "intent_unknown", "long", "unlike", "comes_back",
    "tiers_unknown", "handling_unknown", "already_there",
]  # fmt: skip
FEWEST = 20
"""Tickets in odd weeks, and as many in even ones, below which a topic stays: too little data."""
SAME_WAY, SAME_WAY_SELF = 0.8, 0.9
MOST_VARIANTS = 3.0
"""Ways of solving, and kinds of request, that a narrow topic has at most: effective numbers (exp of the
entropy)."""
SHORT_HOURS, ALIKE, MOST_BACK, SOLVED_ABOVE, FAILURE = 24.0, 4.0, 0.1, 0.2, 0.5
WEEKS_A_YEAR = 365.25 / 7
DRAWS, SEED = 500, 20_131


@dataclass(frozen=True, eq=False)
class Tickets:
    """Of one topic, a value a ticket. `week`: of its opening, whole numbers; `hours` in work, nan where not
    known; `tier` that solved it, -1 unknown; `way`: code of how it was solved, -1 unknown; `variant`: code of
    the kind of request (found in its text), -1 unknown; `parent`: code of its parent incident, -1 without;
    `back`: came back; `failure`: caused by something not done or not done right."""

    week: Longs
    hours: Floats
    tier: Longs
    way: Longs
    variant: Longs
    parent: Longs
    back: Bools
    failure: Bools

    def only(self, mask: Bools | Longs) -> Tickets:
        """Of these tickets: a mask, or their places."""
        return Tickets(**{name: getattr(self, name)[mask] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Assumed:
    """`used`: share of tickets that take the new way; `success` of those that do; `induced`: contacts each
    use brings beside. `cost_new`: hours a ticket takes there."""

    used: float = 0.6
    success: float = 0.8
    induced: float = 0.05
    cost_new: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.used <= 1 and 0 <= self.success <= 1):
            raise ValueError("Shares lie between 0 and 1.")
        if self.induced < 0 or self.cost_new < 0:
            raise ValueError("Contacts and hours are not negative.")


@dataclass(frozen=True)
class Evidence:
    """What a level is chosen by. Shares are nan where nothing tells them."""

    tickets: int
    median_hours: float
    alike: float
    """Upper quartile of hours in work over their median, within the tier that solved them: that one is
    handed on and another is not makes no other work of it. Mean over tiers by tickets."""
    same_way: float
    ways: float
    variants: float
    back: float
    above: float
    """Solved above tier 1, of those whose tier is known."""
    failure: float
    tier: int = -1
    """That solves most of them."""


@dataclass(frozen=True)
class Freed:
    """Hours a year; `low` to `high` is a 95 % interval."""

    hours: float
    low: float
    high: float


@dataclass(frozen=True)
class Choice:
    """The level recommended and why: reasons for it, and what spoke against lower ones."""

    level: Level
    why: tuple[Reason, ...]
    against: tuple[Reason, ...] = field(default=())


def saving(now: float, assumed: Assumed) -> float:
    """Of a ticket, in the unit of `now`: u * (C_now - (C_new + (1 - s) * C_now)) less induced contacts.
    Negative where the new way costs more than it saves."""
    kept = assumed.cost_new + (1 - assumed.success) * now
    return assumed.used * (now - kept) - assumed.used * assumed.induced * now


def effective(codes: Longs) -> float:
    """How many equally frequent values would be as mixed: exp of the entropy. nan without any known."""
    known = codes[codes >= 0]
    if not len(known):
        return float("nan")
    share = np.unique(known, return_counts=True)[1] / len(known)
    return float(np.exp(-(share * np.log(share)).sum()))


def halves(tickets: Tickets) -> tuple[Tickets, Tickets]:
    """Those of odd weeks, to choose by, and those of even ones, to estimate by."""
    odd = np.asarray(tickets.week % 2 == 1)
    return tickets.only(odd), tickets.only(~odd)


def evidence_of(tickets: Tickets) -> Evidence:
    """Of any set of tickets of one topic."""
    nan = float("nan")
    hours = tickets.hours[np.isfinite(tickets.hours)]
    ways, tiers = tickets.way[tickets.way >= 0], tickets.tier[tickets.tier >= 0]
    return Evidence(
        tickets=len(tickets.week),
        median_hours=float(np.median(hours)) if len(hours) else nan,
        alike=_alike(tickets),
        same_way=float(np.bincount(ways).max() / len(ways)) if len(ways) else nan,
        ways=effective(tickets.way),
        variants=effective(tickets.variant),
        back=float(tickets.back.mean()) if len(tickets.back) else nan,
        above=float((tiers > 1).mean()) if len(tiers) else nan,
        failure=float(tickets.failure.mean()) if len(tickets.failure) else nan,
        tier=int(np.bincount(tiers).argmax()) if len(tiers) else -1,
    )


def _alike(tickets: Tickets) -> float:
    known = np.isfinite(tickets.hours)
    ratios, sizes = [], []
    for tier in np.unique(tickets.tier[known]):
        hours = tickets.hours[known & (tickets.tier == tier)]
        middle, third = np.quantile(hours, [0.5, 0.75])
        if middle > 0:
            ratios.append(third / middle)
            sizes.append(len(hours))
    return float(np.average(ratios, weights=sizes)) if ratios else float("nan")


def recommend(found: Evidence) -> Choice:
    """The level for a topic with this evidence. What is not known never speaks for a move."""
    barred = _barred(found)
    if found.tickets < FEWEST:
        return Choice("stay", ("too_few",))
    if found.failure >= FAILURE:
        return Choice("remove", ("failure_demand",))
    return Choice("stay", barred) if barred else _lowest(found)


def _lowest(found: Evidence) -> Choice:
    """The lowest level for what is handled short, alike and the same way."""
    narrow = _not_narrow(found)
    known: tuple[Reason, ...] = ("short", "alike", "same_way")
    if not narrow and found.tier != 0:
        return Choice("self_service", (*known, "narrow"))
    if found.tier < 0:
        return Choice("stay", ("tiers_unknown",), narrow)
    if found.above >= SOLVED_ABOVE:
        level: Level = "tier_1" if found.tier <= 2 or found.same_way >= SAME_WAY_SELF else "tier_2"
        return Choice(level, (*known, "solved_above"), narrow)
    return Choice("stay", narrow or ("already_there",))


def _barred(found: Evidence) -> tuple[Reason, ...]:
    """What keeps a topic where it is, whatever the level."""
    tests: tuple[tuple[Reason, bool], ...] = (
        ("handling_unknown", not found.median_hours > 0),
        ("way_unknown", np.isnan(found.same_way)),
        ("many_ways", found.same_way < SAME_WAY),
        ("long", found.median_hours > SHORT_HOURS),
        ("unlike", found.alike > ALIKE),
        ("comes_back", found.back >= MOST_BACK),
    )
    return tuple(reason for reason, holds in tests if holds)


def _not_narrow(found: Evidence) -> tuple[Reason, ...]:
    """What speaks against self-service."""
    tests: tuple[tuple[Reason, bool], ...] = (
        ("many_ways", found.same_way < SAME_WAY_SELF or found.ways > MOST_VARIANTS),
        ("intent_unknown", np.isnan(found.variants)),
        ("broad", found.variants > MOST_VARIANTS),
    )
    return tuple(reason for reason, holds in tests if holds)


def freed(tickets: Tickets, weeks: int, assumed: Assumed) -> Freed:
    """Capacity that the move of these tickets would free in a year. `weeks`: that they were opened in, also
    those without any. A ticket whose hours are not known (still open) counts with the mean of the others.
    Raises ValueError without weeks."""
    if weeks <= 0:
        raise ValueError("Tickets of no week tell nothing of a year.")
    known = np.isfinite(tickets.hours)
    if not known.any():
        return Freed(0.0, 0.0, 0.0)
    hours = np.where(known, tickets.hours, tickets.hours[known].mean())
    each = np.array([saving(float(now), assumed) for now in hours])
    scale = WEEKS_A_YEAR / weeks
    low, high = np.quantile(_drawn(tickets, each, weeks) * scale, [0.025, 0.975])
    return Freed(float(each.sum() * scale), float(low), float(high))


def _drawn(tickets: Tickets, each: Floats, weeks: int) -> Floats:
    """Sums of `each` over bootstrap samples. What was drawn together stays so: tickets of a parent
    incident, of which there may be more or fewer in a year (Poisson), and of the others those of a week."""
    draws = np.random.default_rng(SEED)
    caused = tickets.parent >= 0
    _names, place = np.unique(tickets.parent[caused], return_inverse=True)
    incidents = np.bincount(place, each[caused])
    _names, place = np.unique(tickets.week[~caused], return_inverse=True)
    held = np.bincount(place, each[~caused])
    # Weeks without a ticket are drawn too: that there were none is part of what may vary.
    by_week = np.concatenate([held, np.zeros(max(0, weeks - len(held)))])
    times = draws.multinomial(len(by_week), np.full(len(by_week), 1 / len(by_week)), DRAWS)
    return np.asarray(times @ by_week + draws.poisson(1, (DRAWS, len(incidents))) @ incidents, np.float64)


def lateness(found: Freed, months: float = 1.0) -> float:
    """Hours that so many months of waiting cost."""
    return found.hours * months / 12


@dataclass(frozen=True)
class WhatIf:
    """When a share of a topic moves: hours a year freed where it is now, new hours where it goes, what
    returns, and `risk`: the share of the moved tickets that would fail there and come back, later than
    today."""

    share: float
    freed: float
    load: float
    failing: float
    risk: float


def what_if(
    share: float, tickets_a_year: float, now_hours: float, found: Evidence, assumed: Assumed
) -> WhatIf:
    """Of moving `share` (0 to 1) of a topic. The easiest tickets move first: beyond the share that is
    solved the same way, what moves succeeds less. Raises ValueError for a share that is none."""
    if not 0 <= share <= 1:
        raise ValueError("A share lies between 0 and 1.")
    easy = found.same_way if np.isfinite(found.same_way) else 0.0
    succeed = min(share, easy) * assumed.success
    failing = share - succeed
    moved = tickets_a_year * share
    gone = tickets_a_year * now_hours * (succeed - share * assumed.induced)
    risk = failing / share if share else 0.0
    return WhatIf(
        share, gone - moved * assumed.cost_new, moved * assumed.cost_new, tickets_a_year * failing, risk
    )
