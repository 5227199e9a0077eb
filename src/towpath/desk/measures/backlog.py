"""How old the backlog is: how long tickets stay open, by month of opening, those still open censored."""

from __future__ import annotations

import numpy as np

from towpath.analytics.conversion import Durations, finish_at, partial, time_of
from towpath.analytics.kernels.compiling import Bool, Int64
from towpath.analytics.ticket_paths import NEVER
from towpath.desk.measures.history import DAY_US, History
from towpath.desk.measures.stays import month_names
from towpath.desk.rules.states import CANCELLED, RESOLVED
from towpath.desk.schemas.solved import BacklogAge, StillOpen

AFTER_DAYS = (1, 7, 30, 90)
FEWEST = 20
"""Tickets of a month below which its curve would be chance."""


def backlog_of(history: History, chosen: Bool) -> tuple[BacklogAge, ...]:
    """All chosen tickets together (month ""), then each month of opening."""
    left, lasted = lives_of(history)
    month = history.facts.opened.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return ()
    found = [_age("", left[rows], lasted[rows])]
    for each in np.unique(month[rows]):
        inside = rows[month[rows] == each]
        found.append(_age(str(month_names(np.array([each]))[0]), left[inside], lasted[inside]))
    return tuple(found)


def lives_of(history: History) -> tuple[Bool, Int64]:
    """Whether each ticket left the backlog (resolved or closed for good), and how long it was in it, to that
    or to the watermark: bool[t], int64[t] microseconds."""
    facts = history.facts
    if not len(history.tickets):
        return np.zeros(0, np.bool_), np.zeros(0, np.int64)
    final = history.state[history.starts[1:] - 1]
    shut = (final >= RESOLVED) & (final <= CANCELLED) & (facts.closed != NEVER)
    end = np.where(facts.is_resolved, facts.resolved, np.where(shut, facts.closed, history.as_of))
    lasted = np.maximum(end - facts.opened, 0)
    return np.asarray(facts.is_resolved | shut), np.asarray(lasted)


def _age(month: str, left: Bool, lasted: Int64) -> BacklogAge:
    whole = partial(lasted, left.astype(np.int8))
    still = _still(whole) if len(left) >= FEWEST else ()
    half = _half(whole) if len(left) >= FEWEST else None
    return BacklogAge(month, len(left), int((~left).sum()), half, still)


def _half(whole: Durations) -> float | None:
    """Days after which half of the tickets were done; None where fewer than half were."""
    reached = time_of(whole, 0.5)
    return None if reached is None else reached / DAY_US


def _still(whole: Durations) -> tuple[StillOpen, ...]:
    found = []
    everything = finish_at(whole, [days * DAY_US for days in AFTER_DAYS])
    for days, gone in zip(AFTER_DAYS, everything, strict=True):
        if gone.estimate is not None and gone.low is not None and gone.high is not None:
            found.append(StillOpen(days, 1 - gone.estimate, 1 - gone.high, 1 - gone.low))
    return tuple(found)
