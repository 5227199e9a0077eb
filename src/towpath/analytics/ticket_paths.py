"""What the movements of tickets tell of each ticket: its path over teams and tiers, and its times.

Definitions ("Desk"): *hand-over* = any change of team; *ping-pong* = back to a team it had left; *escalation*
= left its first tier upward; *push to front* = never left tier 1; *elapsed* with a tier is all the time in
which the ticket stood open there, *handling* the part of it in a working state. A movement that names no team
changes none of this; a tier that is not known stays so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from towpath.analytics.kernels.blocks import blocks, in_threads
from towpath.analytics.kernels.compiling import NOTHING, Bool, Int8, Int32, Int64, read_only
from towpath.analytics.kernels.tickets import (
    Groups,
    Log,
    OfStates,
    OfTeams,
    OfTiers,
    Sums,
    counting_order,
    find_repeats,
    follow_states,
    follow_teams,
    follow_tiers,
    had_last,
    settle_order,
    sum_lengths,
)

NO_TIER, UNKNOWN_TIER = -2, -1
TIERS = 10
"""Tiers are numbers from 0 (self-help) to 9."""
STATES = 10
NEVER = NOTHING
"""Where something has no time."""


@dataclass(frozen=True, eq=False)
class Movements:
    """Movements of all tickets, each ticket's in order.

    `starts` int64[t + 1]; the rest has a value a movement: `time` int64 (UTC microseconds), `state` int8 (0
    to 9, see `kernels.tickets`), `team` int32 (-1: none), `tier` int8 (-1: not known, -2: none was said).
    """

    starts: Int64
    time: Int64
    state: Int8
    team: Int32
    tier: Int8


@dataclass(frozen=True, eq=False)
class TicketFacts:
    """A value a ticket, but for `length`, `team_before` and `tier_before`, which have one a movement.

    `opened`: its first movement; `resolved`: when it was resolved for good, `first_resolved`, `closed` (NEVER
    where it was not). `resolved_row`: the movement that did it, -1 without. `by_state`, `elapsed`,
    `handling`: microseconds, int64[t, 10] and twice int64[t, 11]: by tier, one column before tier 0 for what
    is not known. `stays` int32[t, 10]: how often it came to each tier.
    """

    opened: Int64
    resolved: Int64
    first_resolved: Int64
    closed: Int64
    resolved_row: Int64
    reopened: Int32
    reopened_soon: Bool
    first_team: Int32
    last_team: Int32
    hand_overs: Int32
    ping_pong: Bool
    tier_before: Int8
    resolved_tier: Int8
    first_tier: Int8
    highest_tier: Int8
    last_tier: Int8
    tiers_known: Bool
    stays: Int32
    by_state: Int64
    elapsed: Int64
    handling: Int64
    length: Int64
    team_before: Int32

    @property
    def tickets(self) -> int:
        return len(self.opened)

    @cached_property
    def is_resolved(self) -> Bool:
        return np.asarray(self.resolved_row >= 0)

    @cached_property
    def escalated(self) -> Bool:
        """Left its first tier upward."""
        return np.asarray((self.first_tier >= 0) & (self.highest_tier > self.first_tier))

    @cached_property
    def never_left_tier_1(self) -> Bool:
        """Each tier that it saw is known, and none was above or below the first line."""
        elsewhere = self.stays.sum(axis=1) - self.stays[:, 1]
        return np.asarray(self.tiers_known & (self.stays[:, 1] > 0) & (elsewhere == 0))


def facts_of(movements: Movements, as_of: int, soon: int) -> TicketFacts:
    """Facts of every ticket. `as_of`: until when open tickets are counted; `soon`: reopened within so many
    microseconds of its resolution counts as `reopened_soon`."""
    m = _fixed(movements)
    count, rows = len(m.starts) - 1, len(m.time)
    facts = _empty(count, rows, int(m.team.max(initial=-1)) + 1)
    ranges = [(block.start, block.stop) for block in blocks(m.starts)] if rows else []
    in_threads(lambda span: _follow(m, facts, span, as_of, soon), ranges)
    begins = m.starts[:-1]
    facts["opened"] = m.time[begins] if rows else np.zeros(0, np.int64)
    row = facts["resolved_row"]
    facts["resolved"] = np.where(row >= 0, m.time[np.maximum(row, 0)], NEVER) if rows else row.copy()
    del facts["teams"]
    return TicketFacts(**facts)


def _fixed(m: Movements) -> Movements:
    return Movements(
        read_only(m.starts, np.int64),
        read_only(m.time, np.int64),
        read_only(m.state, np.int8),
        read_only(m.team, np.int32),
        read_only(m.tier, np.int8),
    )


def _empty(count: int, rows: int, teams: int) -> dict[str, np.ndarray]:
    longs = ("resolved_row", "first_resolved", "closed")
    ints = ("reopened", "first_team", "last_team", "hand_overs")
    small = ("resolved_tier", "first_tier", "highest_tier", "last_tier")
    flags = ("reopened_soon", "ping_pong", "tiers_known")
    return {
        **{name: np.zeros(count, np.int64) for name in longs},
        **{name: np.zeros(count, np.int32) for name in ints},
        **{name: np.zeros(count, np.int8) for name in small},
        **{name: np.zeros(count, np.bool_) for name in flags},
        "stays": np.zeros((count, TIERS), np.int32),
        "by_state": np.zeros((count, STATES), np.int64),
        "elapsed": np.zeros((count, TIERS + 1), np.int64),
        "handling": np.zeros((count, TIERS + 1), np.int64),
        "length": np.zeros(rows, np.int64),
        "team_before": np.zeros(rows, np.int32),
        "tier_before": np.zeros(rows, np.int8),
        "teams": np.asarray(teams),
    }


def _follow(m: Movements, facts: dict[str, np.ndarray], span: tuple[int, int], as_of: int, soon: int) -> None:
    log = Log(m.starts, m.time, m.state, m.team, m.tier)
    states = OfStates(*(facts[name] for name in _NAMES[OfStates]))
    follow_states(span, log, as_of, soon, states)
    had = np.full(int(facts["teams"]), -1, np.int64)
    follow_teams(span, log, had, OfTeams(*(facts[name] for name in _NAMES[OfTeams])))
    follow_tiers(span, log, states.resolved_row, OfTiers(*(facts[name] for name in _NAMES[OfTiers])))
    sum_lengths(span, log, states.length, Sums(*(facts[name] for name in _NAMES[Sums])))


_NAMES: dict[type, tuple[str, ...]] = {
    OfStates: OfStates._fields,
    OfTeams: ("team_before", "first_team", "last_team", "hand_overs", "ping_pong"),
    OfTiers: (
        "tier_before",
        "resolved_tier",
        "first_tier",
        "highest_tier",
        "last_tier",
        "tiers_known",
        "stays",
    ),
    Sums: Sums._fields,
}
"""Under which names `TicketFacts` holds what each kernel fills."""


def last_of(starts: Int64, code: Int32, row: Int64) -> Int32:
    """For each ticket the last code that is not negative up to and with a row of it (its last row where
    `row` is -1): int32[t], -1 where there is none."""
    found = np.full(len(starts) - 1, -1, np.int32)
    fixed, codes, rows = read_only(starts, np.int64), read_only(code, np.int32), read_only(row, np.int64)
    spans = [(block.start, block.stop) for block in blocks(fixed)] if len(codes) else []
    in_threads(lambda span: had_last(span, fixed, codes, rows, found), spans)
    return found


@dataclass(frozen=True, eq=False)
class Repeats:
    """`of` int64[t]: the ticket that each repeats, -1 without; `came_back` bool[t]: was repeated within the
    time. `judged` bool[t]: its customer and topic are known, so that a repeat would be seen."""

    of: Int64
    came_back: Bool
    judged: Bool


def repeats_of(customer: Int32, topic: Int32, opened: Int64, resolved: Int64, within: int) -> Repeats:
    """Same customer, same topic again within `within` microseconds after a resolution (NEVER: none). A code
    of -1 is not known."""
    count = len(opened)
    judged = np.asarray((customer >= 0) & (topic >= 0))
    group = np.full(count, -1, np.int64)
    pairs = customer[judged].astype(np.int64) * (int(topic.max(initial=0)) + 1) + topic[judged]
    group[judged] = np.unique(pairs, return_inverse=True)[1]
    opener = np.lexsort((opened, group))[np.count_nonzero(~judged) :]
    done = np.flatnonzero(judged & (resolved != NEVER))
    resolver = done[np.lexsort((resolved[done], group[done]))]
    groups = np.arange(int(group.max(initial=-1)) + 1)
    edges = [edge for rows in (opener, resolver) for edge in _edges(group[rows], groups)]
    bounds = np.stack(edges, axis=1) if len(groups) else np.zeros((0, 4), np.int64)
    of, back = np.full(count, -1, np.int64), np.zeros(count, np.bool_)
    arrays = (bounds, opened[opener], opener, resolved[resolver], resolver)
    find_repeats(Groups(*(read_only(each, np.int64) for each in arrays)), within, of, back)
    return Repeats(of, back, judged)


def _edges(ascending: Int64, groups: Int64) -> tuple[Int64, Int64]:
    return np.searchsorted(ascending, groups, "left"), np.searchsorted(ascending, groups, "right")


def order_of(ticket: Int32, time: Int64, seq: Int64, tickets: int) -> tuple[Int64, Int64, int]:
    """The order (ticket, time, seq) of movements that come in nearly that order, where each ticket begins in
    it (int64[tickets + 1]), and how many neighbours of a ticket are equal in time and seq."""
    starts, order = np.zeros(tickets + 1, np.int64), np.empty(len(ticket), np.int64)
    counting_order(read_only(ticket, np.int32), starts, order)
    fixed = read_only(starts, np.int64)
    ties = settle_order(fixed, read_only(time, np.int64), read_only(seq, np.int64), order)
    return order, fixed, ties
