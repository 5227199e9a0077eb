"""One pass over the movements of tickets: how long they were open, who had them, which tiers they saw.

Movements of a ticket follow one another in order; `starts` (int64[t + 1]) says where each ticket begins. A
team of -1 is none; a tier of -2 is none (nobody had it), -1 is one that is not known.
"""

from __future__ import annotations

from typing import NamedTuple

from towpath.analytics.kernels.compiling import NOTHING, Bool, Int8, Int32, Int64, kernel

RESOLVED, CLOSED, CANCELLED, UNKNOWN = 6, 7, 8, 9
"""Codes of states; lower ones are open."""
WORKING = 2


Span = tuple[int, int]
"""Of tickets: the first one, and the one after the last."""


class Log(NamedTuple):
    """Movements; all read-only."""

    starts: Int64
    time: Int64
    state: Int8
    team: Int32
    tier: Int8


class OfStates(NamedTuple):
    """`length` of each movement: microseconds in which the ticket stood open as it was left then. Of each
    ticket the row of the movement that resolved it for good (-1: it is not), when it was first resolved and
    first closed (NOTHING), how often it was reopened, and whether soon after its resolution."""

    length: Int64
    resolved_row: Int64
    first_resolved: Int64
    closed: Int64
    reopened: Int32
    reopened_soon: Bool


class OfTeams(NamedTuple):
    """The team before each movement (-1: none yet). Of each ticket its first and last team, its changes of
    team, and whether it came back to a team that it had left."""

    before: Int32
    first: Int32
    last: Int32
    hand_overs: Int32
    ping_pong: Bool


class OfTiers(NamedTuple):
    """The tier before each movement. Of each ticket its first, highest and last tier, and the one that it was
    with when it was resolved (-1: not known, -2: none was said); whether each tier that it saw is known; how
    often it came to each known tier (int32[t, tiers])."""

    before: Int8
    resolved: Int8
    first: Int8
    highest: Int8
    last: Int8
    known: Bool
    stays: Int32


class Sums(NamedTuple):
    """Microseconds by state (int64[t, 10]), and with each tier (int64[t, tiers + 1], the first column for
    what is not known), all and in a working state."""

    by_state: Int64
    elapsed: Int64
    handling: Int64


class Groups(NamedTuple):
    """Tickets of the same customer and topic. `bounds` int64[groups, 4]: where a group's rows begin and end
    in `opened`, ascending there, with the ticket in `opener`; likewise in `resolved`."""

    bounds: Int64
    opened: Int64
    opener: Int64
    resolved: Int64
    resolver: Int64


@kernel
def follow_states(span: Span, log: Log, as_of: int, soon: int, out: OfStates) -> None:
    """`as_of`: to when the last movement of an open ticket lasts; `soon`: microseconds."""
    for ticket in range(span[0], span[1]):
        done, row, since, shut = False, -1, NOTHING, NOTHING
        for i in range(log.starts[ticket], log.starts[ticket + 1]):
            code = log.state[i]
            if RESOLVED <= code <= CANCELLED:
                if not done:
                    row = i
                    if code != CANCELLED and since == NOTHING:
                        since = log.time[i]
                if code != RESOLVED and shut == NOTHING:
                    shut = log.time[i]
                done = True
            elif code != UNKNOWN:
                if done:
                    out.reopened[ticket] += 1
                    if log.time[i] - log.time[row] <= soon:
                        out.reopened_soon[ticket] = True
                    row = -1
                done = False
            end = log.time[i + 1] if i + 1 < log.starts[ticket + 1] else max(as_of, log.time[i])
            out.length[i] = 0 if done else end - log.time[i]
        if row >= 0 and not _is_resolution(log.state, row, log.starts[ticket + 1]):
            row = -1
        out.resolved_row[ticket], out.first_resolved[ticket], out.closed[ticket] = row, since, shut


@kernel
def _is_resolution(state: Int8, row: int, end: int) -> bool:
    """Whether what was done from `row` on was done otherwise than by cancelling."""
    for i in range(row, end):
        if state[i] == RESOLVED or state[i] == CLOSED:
            return True
        if state[i] == CANCELLED:
            return False
    return False


@kernel
def follow_teams(span: Span, log: Log, had: Int64, out: OfTeams) -> None:
    """`had`: int64 for each team, -1 at the beginning."""
    for ticket in range(span[0], span[1]):
        now = -1
        out.first[ticket] = -1
        for i in range(log.starts[ticket], log.starts[ticket + 1]):
            out.before[i] = now
            here = log.team[i]
            if here < 0 or here == now:
                continue
            if now < 0:
                out.first[ticket] = here
            else:
                out.hand_overs[ticket] += 1
            if had[here] == ticket:
                out.ping_pong[ticket] = True
            had[here] = ticket
            now = here
        out.last[ticket] = now


@kernel
def follow_tiers(span: Span, log: Log, resolved_row: Int64, out: OfTiers) -> None:
    """The path over tiers; movements that name none are passed over."""
    for ticket in range(span[0], span[1]):
        now, top, begin, sure = -2, -2, -2, True
        out.resolved[ticket] = -2
        for i in range(log.starts[ticket], log.starts[ticket + 1]):
            here = log.tier[i]
            out.before[i] = now
            if i == resolved_row[ticket]:
                out.resolved[ticket] = now if here == -2 else here
            if here == -2:
                continue
            if here != now and here >= 0:
                out.stays[ticket, here] += 1
            if begin == -2:
                begin = here
            sure = sure and here >= 0
            now, top = here, max(top, here)
        out.first[ticket], out.highest[ticket], out.last[ticket], out.known[ticket] = (
            begin,
            top,
            now,
            sure and begin >= 0,
        )


@kernel
def sum_lengths(span: Span, log: Log, length: Int64, out: Sums) -> None:
    """While nobody is named a ticket is with the tier that had it last."""
    for ticket in range(span[0], span[1]):
        column = 0
        for i in range(log.starts[ticket], log.starts[ticket + 1]):
            if log.tier[i] != -2:
                column = log.tier[i] + 1
            out.by_state[ticket, log.state[i]] += length[i]
            out.elapsed[ticket, column] += length[i]
            if log.state[i] == WORKING:
                out.handling[ticket, column] += length[i]


@kernel
def had_last(span: Span, starts: Int64, code: Int32, row: Int64, found: Int32) -> None:
    """The last code that is not negative, up to and with a row (the last one where `row` is -1); -1 where
    there is none."""
    for ticket in range(span[0], span[1]):
        i = row[ticket] if row[ticket] >= 0 else starts[ticket + 1] - 1
        while i >= starts[ticket] and code[i] < 0:
            i -= 1
        found[ticket] = code[i] if i >= starts[ticket] else -1


@kernel
def find_repeats(g: Groups, within: int, repeat_of: Int64, came_back: Bool) -> None:
    """Which ticket was opened within `within` microseconds after another of its group was resolved, the
    latest such one; and which came back so."""
    for group in range(g.bounds.shape[0]):
        first, end = g.bounds[group, 0], g.bounds[group, 1]
        done, done_end = g.bounds[group, 2], g.bounds[group, 3]
        place = done
        for i in range(first, end):
            while place < done_end and g.resolved[place] < g.opened[i]:
                place += 1
            if place > done and g.opened[i] - g.resolved[place - 1] <= within:
                repeat_of[g.opener[i]] = g.resolver[place - 1]
        place = first
        for j in range(done, done_end):
            while place < end and g.opened[place] <= g.resolved[j]:
                place += 1
            if place < end and g.opened[place] - g.resolved[j] <= within:
                came_back[g.resolver[j]] = True


@kernel
def counting_order(code: Int32, count: Int64, order: Int64) -> None:
    """A stable order by code: `count` int64[codes + 1] becomes where each code begins."""
    for i in range(code.size):
        count[code[i] + 1] += 1
    for each in range(1, count.size):
        count[each] += count[each - 1]
    place = count[:-1].copy()
    for i in range(code.size):
        order[place[code[i]]] = i
        place[code[i]] += 1


@kernel
def settle_order(starts: Int64, time: Int64, seq: Int64, order: Int64) -> int:
    """Put the rows of each ticket (`order[starts[t]:starts[t + 1]]`, in order already but for a few) into the
    order of time and seq. Returns how many neighbours are equal in both."""
    ties = 0
    for ticket in range(starts.size - 1):
        for i in range(starts[ticket] + 1, starts[ticket + 1]):
            row, j = order[i], i - 1
            while j >= starts[ticket] and _after(time, seq, order[j], row):
                order[j + 1] = order[j]
                j -= 1
            order[j + 1] = row
            if j >= starts[ticket] and not _after(time, seq, row, order[j]):
                ties += 1
    return ties


@kernel
def _after(time: Int64, seq: Int64, one: int, other: int) -> bool:
    if time[one] != time[other]:
        return bool(time[one] > time[other])
    return bool(seq[one] > seq[other])
