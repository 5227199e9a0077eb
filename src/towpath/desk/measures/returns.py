"""What came back: repeats, reopenings, and what is left of being solved at once when they are taken off."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from weakref import WeakKeyDictionary

import numpy as np

from towpath.analytics.kernels.compiling import Bool
from towpath.analytics.ticket_paths import NEVER, Repeats, repeats_of
from towpath.desk.measures.history import DAY_US, History
from towpath.desk.rules.states import RESOLVED
from towpath.desk.schemas.flow_parts import Solved


@dataclass(frozen=True, eq=False)
class Returns:
    """`back` bool[t]: was repeated, or reopened, within the days after it was resolved. `followed` bool[t]:
    resolved so long ago that a return would be known."""

    repeats: Repeats
    back: Bool
    followed: Bool


_held: WeakKeyDictionary[History, Returns] = WeakKeyDictionary()


def returns_of(history: History) -> Returns:
    """Of every ticket of a desk; kept as long as the history is."""
    found = _held.get(history)
    if found is None:
        found = _held[history] = _returns(history)
    return found


def _returns(history: History) -> Returns:
    facts = history.facts
    within = history.reading.repeat_days * DAY_US
    codes = history.of_ticket
    repeats = repeats_of(codes["customer"].codes, codes["topic"].codes, facts.opened, facts.resolved, within)
    since = np.where(facts.first_resolved == NEVER, facts.resolved, facts.first_resolved)
    followed = (since != NEVER) & (since <= history.as_of - within)
    return Returns(repeats, repeats.came_back | facts.reopened_soon, followed)


def solved_at(history: History, returns: Returns, solved: Bool, chosen: Bool) -> Solved:
    """`solved` bool[t]: was solved there, whatever came after."""
    of = chosen & returns.followed
    there = of & solved
    back = there & returns.back
    every, at_once, returned = (int(np.count_nonzero(each)) for each in (of, there, back))
    gross = (at_once - returned) / every if every else None
    return Solved(every, at_once, returned, gross, _net(history, of, there & ~back))


def _net(history: History, of: Bool, stayed: Bool) -> float | None:
    """Without the topics that tier 1 may not resolve; None where no rule says which those are."""
    patterns = history.reading.beyond_tier_1
    if not patterns:
        return None
    barred = [any(fnmatchcase(name, each) for each in patterns) for name in history.topic.texts()]
    may = ~np.array([*barred, False])[history.topic.codes]
    left = np.count_nonzero(of & may)
    return float(np.count_nonzero(stayed & may) / left) if left else None


def solved_in_contact(history: History) -> Bool:
    """Resolved while the customer was still there, by whoever had it first: bool[t]."""
    facts = history.facts
    raw = history.moving["raw_state"]
    inside = np.array([*(name in history.reading.in_contact for name in raw.texts()), False])
    row = np.maximum(facts.resolved_row, 0)
    at_once = inside[raw.codes[row]] & (history.state[row] == RESOLVED) if len(raw.codes) else row > 0
    return np.asarray(facts.is_resolved & at_once & (facts.hand_overs == 0))
