"""Paths of tickets: the kernel against plain Python, on random tickets; repeats against every pair."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_paths import Plain, Snapshot, plain

from towpath.analytics.ticket_paths import (
    NEVER,
    Movements,
    TicketFacts,
    facts_of,
    last_of,
    order_of,
    repeats_of,
)

STEP = st.tuples(
    st.integers(0, 5), st.integers(0, 9), st.integers(-1, 3), st.sampled_from([-2, -1, 0, 1, 1, 2, 3])
)
TICKET = st.lists(STEP, min_size=1, max_size=12)
AS_OF, SOON = 40, 4


def movements_of(tickets: list[list[Snapshot]]) -> Movements:
    rows = [row for ticket in tickets for row in ticket]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    starts = np.array([0, *accumulate(len(ticket) for ticket in tickets)], np.int64)
    return Movements(starts, *(column.astype(kind) for column, kind in zip(columns, _TYPES, strict=True)))


_TYPES = (np.int64, np.int8, np.int32, np.int8)


def timed(ticket: list[Snapshot]) -> list[Snapshot]:
    """The steps' times are apart from one another: as moments."""
    moments = accumulate(step[0] for step in ticket)
    return [(moment, *step[1:]) for moment, step in zip(moments, ticket, strict=True)]


def assert_agrees(facts: TicketFacts, at: int, told: Plain) -> None:
    assert facts.hand_overs[at] == told.hand_overs
    assert facts.ping_pong[at] == told.ping_pong
    assert facts.first_team[at] == (told.teams[0] if told.teams else -1)
    assert facts.last_team[at] == (told.teams[-1] if told.teams else -1)
    assert facts.first_tier[at] == (told.tiers[0] if told.tiers else -2)
    assert facts.escalated[at] == told.escalated
    assert facts.never_left_tier_1[at] == told.never_left_tier_1
    assert facts.reopened[at] == told.reopened
    assert facts.reopened_soon[at] == told.reopened_soon
    assert facts.resolved[at] == (NEVER if told.resolved_at is None else told.resolved_at)
    if told.resolved_at is not None:
        assert facts.resolved_tier[at] == told.resolved_tier
    assert {tier: told.tiers.count(tier) for tier in range(10)} == dict(enumerate(facts.stays[at].tolist()))
    for mine, theirs, first in (
        (facts.elapsed, told.elapsed, -1),
        (facts.handling, told.handling, -1),
        (facts.by_state, told.by_state, 0),
    ):
        assert {place + first: int(value) for place, value in enumerate(mine[at]) if value} == {
            key: value for key, value in theirs.items() if value
        }


@settings(max_examples=150, deadline=None)
@given(st.lists(TICKET, min_size=1, max_size=8))
def test_every_ticket_is_told_as_plain_python_tells_it(steps: list[list[Snapshot]]) -> None:
    tickets = [timed(ticket) for ticket in steps]
    facts = facts_of(movements_of(tickets), AS_OF, SOON)
    for at, ticket in enumerate(tickets):
        assert_agrees(facts, at, plain(ticket, AS_OF, SOON))


def test_no_movements_are_no_tickets() -> None:
    empty = Movements(*(np.zeros(size, kind) for size, kind in zip((1, 0, 0, 0, 0), _EMPTY, strict=True)))
    assert facts_of(empty, 0, 0).tickets == 0


_EMPTY = (np.int64, *_TYPES)


def test_a_ticket_that_is_cancelled_and_then_closed_is_not_resolved() -> None:
    facts = facts_of(movements_of([[(0, 0, 1, 1), (5, 8, 1, 1), (9, 7, 1, 1)]]), AS_OF, SOON)
    assert not facts.is_resolved[0]
    assert facts.elapsed[0].sum() == 5


def test_closing_after_resolving_does_not_move_the_resolution() -> None:
    facts = facts_of(movements_of([[(0, 2, 1, 1), (5, 6, 1, 2), (9, 7, 1, 3)]]), AS_OF, SOON)
    assert (facts.resolved[0], facts.closed[0], facts.resolved_tier[0]) == (5, 9, 2)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-1, 2), st.integers(-1, 1), st.integers(0, 30), st.integers(-1, 12)),
        max_size=25,
    )
)
def test_repeats_are_those_that_comparing_every_pair_finds(
    tickets: list[tuple[int, int, int, int]],
) -> None:
    customer, topic, opened, took = (np.array([each[i] for each in tickets], np.int64) for i in range(4))
    resolved = np.where(took < 0, NEVER, opened + took)
    found = repeats_of(customer.astype(np.int32), topic.astype(np.int32), opened, resolved, 7)
    for j in range(len(tickets)):
        mates = [i for i in range(len(tickets)) if took[i] >= 0 and min(customer[j], topic[j]) >= 0]
        mates = [i for i in mates if (customer[i], topic[i]) == (customer[j], topic[j])]
        ended = [resolved[i] for i in mates if resolved[i] < opened[j] <= resolved[i] + 7]
        assert (found.of[j] >= 0) == bool(ended)
        if ended:
            assert resolved[found.of[j]] == max(ended)
        later = [opened[i] for i in range(len(tickets)) if (customer[i], topic[i]) == (customer[j], topic[j])]
        seen = min(customer[j], topic[j]) >= 0 and took[j] >= 0
        assert found.came_back[j] == (seen and any(0 < at - resolved[j] <= 7 for at in later))


def test_a_hundred_thousand_tickets_of_one_customer_are_compared_in_one_pass() -> None:
    count = 100_000
    opened = np.arange(count, dtype=np.int64) * 10
    same = np.zeros(count, np.int32)
    found = repeats_of(same, same, opened, opened + 5, 5)
    assert found.of[0] == -1
    assert (found.of[1:] == np.arange(count - 1)).all()
    assert found.came_back.sum() == count - 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 3)), max_size=60))
def test_movements_are_put_in_the_order_of_ticket_time_and_place(rows: list[tuple[int, int, int]]) -> None:
    ticket, time, seq = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    order, starts, ties = order_of(ticket.astype(np.int32), time, seq, 5)
    assert order.tolist() == np.lexsort((seq, time, ticket)).tolist()
    assert np.diff(starts).tolist() == np.bincount(ticket, minlength=5).tolist()
    assert (ties > 0) == (len(set(rows)) < len(rows))


def test_the_last_text_of_a_ticket_is_the_last_that_is_there() -> None:
    starts, code = np.array([0, 3, 4]), np.array([4, 2, -1, -1], np.int32)
    assert last_of(starts, code, np.array([-1, -1])).tolist() == [2, -1]
    assert last_of(starts, code, np.array([0, 3])).tolist() == [4, -1]
