"""Stays: a ticket's time with one team without a break, who had it before and after, and what it waited for.

A movement that names no team leaves the ticket where it is. Time in which nobody had the ticket yet belongs
to no stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from towpath.analytics.kernels.compiling import Bool, Int8, Int32, Int64

STATES = 10
NONE = -1


@dataclass(frozen=True, eq=False)
class Stays:
    """A value a stay, by ticket and time. `before`, `after` int32: the team that had it before and after, -1
    for nobody. `begin` int64 (UTC microseconds). `by_state` int64[s, 10]: microseconds open in each class of
    states. `again`: the team had had this ticket before. `away` int64: open microseconds from the end of the
    stay until the same team has the ticket again, -1 where that never came. `last`: the ticket's last."""

    ticket: Int64
    team: Int32
    before: Int32
    after: Int32
    begin: Int64
    by_state: Int64
    again: Bool
    away: Int64
    last: Bool


def stays_of(starts: Int64, time: Int64, state: Int8, held: Int32, length: Int64) -> Stays:
    """`starts` int64[t + 1]; the rest has a value a movement, each ticket's in order: `held` the team that
    has the ticket from then on (-1 nobody yet), `length` the open microseconds until the next."""
    ticket = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    new = np.ones(len(time), np.bool_)
    new[1:] = (ticket[1:] != ticket[:-1]) | (held[1:] != held[:-1])
    run = np.cumsum(new) - 1
    rows = np.flatnonzero(new)
    size = len(rows) * STATES
    by_state = np.bincount(run * STATES + state, length.astype(np.float64), size).astype(np.int64)
    open_before = np.append(0, np.cumsum(length))
    ends = np.append(rows[1:], len(time))
    kept = held[rows] >= 0
    rows, ends, by_state = rows[kept], ends[kept], by_state.reshape(-1, STATES)[kept]
    team, of = held[rows], ticket[rows]
    same = of[1:] == of[:-1]
    before, after = np.full(len(rows), NONE, np.int32), np.full(len(rows), NONE, np.int32)
    before[1:][same], after[:-1][same] = team[:-1][same], team[1:][same]
    again, away = _returns(of, team, open_before[rows], open_before[ends])
    last = np.append(~same, True) if len(rows) else np.zeros(0, np.bool_)
    return Stays(of, team, before, after, time[rows], by_state, again, away, last)


def _returns(ticket: Int64, team: Int32, begun: Int64, ended: Int64) -> tuple[Bool, Int64]:
    """`begun`, `ended`: open time before the stay and at its end, on one clock for all tickets."""
    again, away = np.zeros(len(ticket), np.bool_), np.full(len(ticket), NONE, np.int64)
    order = np.lexsort((np.arange(len(ticket)), team, ticket))
    one, other = order[:-1], order[1:]
    pair = (ticket[one] == ticket[other]) & (team[one] == team[other])
    again[other[pair]] = True
    away[one[pair]] = begun[other[pair]] - ended[one[pair]]
    return again, away
