"""Many clocks at once agree with each clock by itself."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.sla_clocks import (
    CANCELLED,
    NEVER,
    OVER,
    PAUSED,
    RUNNING,
    SAME,
    Clocks,
    WorkingTime,
    clocks_of,
)
from towpath.desk.rules.calendars import MINUTE_US, calendar_of
from towpath.desk.rules.clock import Act, Agreed, Moment, Reopening, run

CALENDAR = calendar_of("Europe/Stockholm", {day: [(540, 720), (780, 1020)] for day in range(5)})
FRIDAY = 1_774_621_800_000_000
ACTS: dict[int, Act] = {RUNNING: "resume", PAUSED: "pause", OVER: "stop", CANCELLED: "cancel"}
STATES = {"running": RUNNING, "paused": PAUSED, "stopped": OVER, "cancelled": CANCELLED}
Ticket = list[tuple[int, int]]
"""Minutes after the movement before, and what the clock does."""


def movements(tickets: list[Ticket]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    starts = np.cumsum([0, *(len(ticket) for ticket in tickets)])
    after = [np.cumsum([minutes for minutes, _act in ticket]) for ticket in tickets]
    time = [FRIDAY + int(minutes) * MINUTE_US for each in after for minutes in each]
    acts = [act for ticket in tickets for _minutes, act in ticket]
    return starts.astype(np.int64), np.array(time, np.int64), np.array(acts, np.int8)


def one_by_one(ticket: Ticket, terms: Agreed, as_of: int) -> tuple[int, int, int, int, bool]:
    """State, counted, due and missed of the last clock, and whether any was missed."""
    moments, at, over = [], FRIDAY, True
    for minutes, act in ticket:
        at += minutes * MINUTE_US
        if over and (not moments or act in (RUNNING, PAUSED)):
            moments.append(Moment(at, "start"))
            over = False
        if act != SAME:
            moments.append(Moment(at, ACTS[act]))
            over = act in (OVER, CANCELLED)
    found = run(moments, terms, max(at, as_of))
    last = found[-1]
    due = last.due if last.state == "running" and last.due is not None else NEVER
    missed_at = NEVER if last.missed_at is None else last.missed_at
    return STATES[last.state], last.counted, due, missed_at, any(each.missed for each in found)


def together(tickets: list[Ticket], targets: list[int], policy: Reopening, as_of: int) -> Clocks:
    working = WorkingTime.of(CALENDAR.spans(FRIDAY, FRIDAY + 90 * 86_400_000_000))
    asked = np.array(targets, np.int64) * MINUTE_US
    return clocks_of(*movements(tickets), asked, working, policy=policy, as_of=as_of)


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(st.integers(0, 900), st.sampled_from([*ACTS, SAME])), min_size=1, max_size=7),
            st.integers(1, 1500),
        ),
        max_size=6,
    ),
    st.sampled_from(["continue", "restart", "new"]),
    st.integers(0, 6000),
)
@settings(max_examples=150, deadline=None)
def test_many_clocks_are_as_each_by_itself(
    tickets: list[tuple[Ticket, int]], policy: Reopening, later: int
) -> None:
    as_of = FRIDAY + later * MINUTE_US
    found = together([ticket for ticket, _ in tickets], [target for _, target in tickets], policy, as_of)
    rows = zip(
        found.state.tolist(), found.counted.tolist(), found.due.tolist(), found.missed_at.tolist(),
        found.missed.tolist(), strict=True,
    )  # fmt: skip
    expected = [
        one_by_one(ticket, Agreed(target * MINUTE_US, CALENDAR, policy), as_of) for ticket, target in tickets
    ]
    assert list(rows) == expected


@given(st.lists(st.integers(0, 60 * 1440), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_working_time_that_has_gone_by_is_what_the_calendar_counts(minutes: list[int]) -> None:
    working = WorkingTime.of(CALENDAR.spans(FRIDAY, FRIDAY + 90 * 86_400_000_000))
    instants = FRIDAY + np.array(minutes, np.int64) * MINUTE_US
    gone_by = working.gone_by(instants)
    assert gone_by.tolist() == [CALENDAR.counted(FRIDAY, int(each)) for each in instants]
    ahead = working.instant(gone_by + MINUTE_US)
    assert ahead.tolist() == [CALENDAR.due(FRIDAY, int(each) + MINUTE_US) for each in gone_by]


def test_without_working_time_nothing_counts_and_nothing_is_due() -> None:
    none = WorkingTime.of([])
    assert (none.gone_by(np.array([FRIDAY])).tolist(), none.instant(np.array([1])).tolist()) == ([0], [NEVER])
