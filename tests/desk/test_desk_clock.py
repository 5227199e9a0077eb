"""The SLA clock against published values, and against a clock that is followed minute by minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from desk_clocks import HOUR_US, OFFICE, at, followed
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.desk.rules.calendars import MINUTE_US, Calendar, calendar_of
from towpath.desk.rules.clock import (
    Act,
    Agreed,
    Clock,
    Moment,
    Reopening,
    Reply,
    first_response,
    moments_of,
    run,
)

STOCKHOLM = calendar_of("Europe/Stockholm", OFFICE)
NEW_YORK = calendar_of("America/New_York", {day: [(0, 1440)] for day in range(7)}, [date(2026, 3, 28)])
FRIDAY = at("2026-03-27T14:30:00+00:00")
LATE = at("2026-07-01T00:00")
ACTS: tuple[Act, ...] = ("start", "pause", "resume", "stop", "cancel", "reset")
POLICIES: tuple[Reopening, ...] = ("continue", "restart", "new")


def local(text: str) -> int:
    return at(text, "Europe/Stockholm")


def agreed(hours: float, calendar: Calendar = STOCKHOLM, reopened: Reopening = "continue") -> Agreed:
    return Agreed(round(hours * HOUR_US), calendar, reopened)


def clock(moments: list[Moment], terms: Agreed, as_of: int = LATE) -> Clock:
    return run(moments, terms, as_of)[-1]


@st.composite
def lives(draw: st.DrawFn) -> list[Moment]:
    """From Friday afternoon on, over the weekend on which the clocks change."""
    steps = draw(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 900)), max_size=8))
    instant, found = FRIDAY, [Moment(FRIDAY, "start")]
    for act, minutes in steps:
        instant += minutes * MINUTE_US
        found.append(Moment(instant, act, act))
    return found


@given(lives(), st.sampled_from(POLICIES), st.sampled_from([STOCKHOLM, NEW_YORK]), st.integers(0, 2000))
@settings(max_examples=60, deadline=None)
def test_it_counts_as_a_clock_that_is_followed_minute_by_minute(
    moments: list[Moment], policy: Reopening, calendar: Calendar, later: int
) -> None:
    until = moments[-1].at + later * MINUTE_US
    found = run(moments, agreed(8, calendar, policy), until)
    expected = followed(moments, calendar, policy, until)
    assert [(each.state, each.counted // MINUTE_US, each.paused // MINUTE_US) for each in found] == expected


@given(lives(), st.sampled_from(POLICIES), st.integers(1, 1500), st.integers(0, 2000))
@settings(max_examples=60, deadline=None)
def test_its_due_time_is_when_it_would_be_reached_and_missed_is_what_passed_it(
    moments: list[Moment], policy: Reopening, target: int, later: int
) -> None:
    terms = Agreed(target * MINUTE_US, STOCKHOLM, policy)
    until = moments[-1].at + later * MINUTE_US
    found = clock(moments, terms, until)
    if found.state != "cancelled":
        assert found.missed == (found.counted > terms.target)
    if found.state in ("paused", "cancelled"):
        assert found.due is None
    elif found.state == "running" and not found.missed:
        assert found.due is not None
        assert clock(moments, terms, found.due).counted == terms.target
        assert not clock(moments, terms, found.due).missed
        assert clock(moments, terms, found.due + 86_400_000_000 * 4).missed


@given(lives(), st.sampled_from(POLICIES))
@settings(max_examples=60, deadline=None)
def test_its_intervals_follow_one_another_and_the_counted_ones_are_what_counted(
    moments: list[Moment], policy: Reopening
) -> None:
    for found in run(moments, agreed(8, reopened=policy), moments[-1].at + HOUR_US):
        assert all(first.end == second.begin for first, second in pairwise(found.intervals))
        assert sum(each.end - each.begin for each in found.intervals if each.counted) == found.counted


@given(lives(), st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_a_change_of_the_agreement_keeps_what_counted_and_the_pauses(
    moments: list[Moment], before: int, after: int
) -> None:
    until = moments[-1].at + HOUR_US
    first, second = clock(moments, agreed(before), until), clock(moments, agreed(after), until)
    assert (first.counted, first.paused, first.intervals) == (second.counted, second.paused, second.intervals)


# Published reference values `sla_clock`: 8 business hours from Friday 15:30 in Stockholm.
def test_a_pause_over_the_weekend_counts_in_working_time_only() -> None:
    moments = [Moment(FRIDAY, "start"), Moment(local("2026-03-27T16:00"), "pause")]
    paused = clock(moments, agreed(8), local("2026-03-30T10:30"))
    assert (paused.due, paused.paused) == (None, 150 * MINUTE_US)
    resumed = [*moments, Moment(local("2026-03-30T10:30"), "resume")]
    assert clock(resumed, agreed(8), local("2026-03-30T11:00")).due == at("2026-03-31T09:00:00+00:00")


def test_a_pause_outside_working_time_changes_nothing() -> None:
    moments = [
        Moment(FRIDAY, "start"),
        Moment(local("2026-03-28T10:00"), "pause"),
        Moment(local("2026-03-29T20:00"), "resume"),
    ]
    found = clock(moments, agreed(8), local("2026-03-30T08:00"))
    assert (found.due, found.paused) == (at("2026-03-30T14:30:00+00:00"), 0)


def test_solved_in_the_last_microsecond_is_kept_and_one_later_is_missed() -> None:
    due = at("2026-03-30T14:30:00+00:00")
    kept = clock([Moment(FRIDAY, "start"), Moment(due, "stop")], agreed(8))
    late = clock([Moment(FRIDAY, "start"), Moment(due + 1, "stop")], agreed(8))
    assert (kept.missed_at, late.missed_at, late.due) == (None, due, due)


def test_solved_at_night_after_the_target_was_reached_at_closing_time_is_kept() -> None:
    moments = [Moment(local("2026-06-03T13:00"), "start"), Moment(local("2026-06-03T23:00"), "stop")]
    assert not clock(moments, agreed(4)).missed


REOPENED = [
    Moment(local("2026-06-03T09:00"), "start"),
    Moment(local("2026-06-03T12:00"), "stop", "resolved"),
    Moment(local("2026-06-04T09:00"), "start", "working"),
]


@pytest.mark.parametrize(
    ("policy", "counted", "due"),
    [
        ("continue", [4], "2026-06-04T10:00"),
        ("restart", [1], "2026-06-04T14:00"),
        ("new", [3, 1], "2026-06-04T14:00"),
    ],
)
def test_what_a_reopening_does_is_said_by_the_policy(policy: Reopening, counted: list[int], due: str) -> None:
    clocks = run(REOPENED, agreed(4, reopened=policy), local("2026-06-04T10:00"))
    assert [each.counted // HOUR_US for each in clocks] == counted
    assert clocks[-1].due == local(due)


def test_a_missed_clock_stays_missed_beside_the_new_one() -> None:
    first, second = run(REOPENED, agreed(2, reopened="new"), local("2026-06-04T09:30"))
    assert (first.missed_at, first.state) == (local("2026-06-03T11:00"), "stopped")
    assert (second.missed_at, second.state) == (None, "running")


def test_another_calendar_counts_an_open_ticket_anew() -> None:
    moments = [Moment(FRIDAY, "start")]
    always = calendar_of("Europe/Stockholm", {day: [(0, 1440)] for day in range(7)})
    before = clock(moments, agreed(8), FRIDAY)
    after = clock(moments, replace(agreed(8), calendar=always), FRIDAY)
    assert (before.due, after.due) == (at("2026-03-30T14:30:00+00:00"), FRIDAY + 8 * HOUR_US)


def test_reset_sets_the_count_to_zero_and_says_what_no_longer_counts() -> None:
    moments = [Moment(local("2026-06-03T09:00"), "start"), Moment(local("2026-06-03T11:00"), "reset")]
    found = clock(moments, agreed(4), local("2026-06-03T12:00"))
    assert found.counted == HOUR_US
    assert [(each.why, each.counted) for each in found.intervals] == [("reset", False), ("running", True)]


def test_a_cancelled_clock_has_no_verdict() -> None:
    moments = [Moment(local("2026-06-03T09:00"), "start"), Moment(local("2026-06-05T09:00"), "cancel")]
    found = clock(moments, agreed(1))
    assert (found.state, found.due, found.missed) == ("cancelled", None, False)


def test_nothing_that_happens_before_a_start_makes_a_clock() -> None:
    assert run([Moment(FRIDAY, "stop"), Moment(FRIDAY, "resume")], agreed(8), LATE) == ()
    assert run([Moment(FRIDAY, "start")], agreed(8), FRIDAY - 1) == ()


def test_only_a_human_reply_is_a_first_response() -> None:
    automatic, human = Reply(FRIDAY + 1, human=False), Reply(local("2026-03-30T09:30"), human=True)
    ended = [Moment(local("2026-03-30T12:00"), "stop", "resolved")]
    answered = clock(list(first_response(FRIDAY, [human, automatic], ended)), agreed(8))
    assert (answered.state, answered.counted) == ("stopped", 2 * HOUR_US)
    unanswered = clock(list(first_response(FRIDAY, [automatic])), agreed(8), local("2026-03-30T09:30"))
    assert unanswered.state == "running"
    assert clock(list(first_response(FRIDAY, [automatic], ended)), agreed(8)).state == "cancelled"


def test_a_reply_before_the_ticket_was_opened_answers_nothing() -> None:
    assert [each.act for each in first_response(FRIDAY, [Reply(FRIDAY - 1, human=True)])] == ["start"]


def test_a_tickets_movements_start_pause_and_stop_its_clock() -> None:
    states = ["new", "unknown", "waiting_customer", "working", "resolved", "closed", "unknown", "queued"]
    found = moments_of(range(8), states, frozenset({"waiting_customer"}))
    assert [(each.at, each.act) for each in found] == [
        (0, "start"), (0, "resume"), (2, "pause"), (3, "resume"), (4, "stop"), (5, "stop"), (7, "start"),
        (7, "resume"),
    ]  # fmt: skip


def test_a_ticket_that_comes_in_solved_took_no_time() -> None:
    found = clock(list(moments_of([FRIDAY], ["closed"], frozenset())), agreed(1))
    assert (found.state, found.counted, found.missed) == ("stopped", 0, False)


def test_a_ticket_reopened_into_waiting_begins_paused() -> None:
    states = ["working", "resolved", "waiting"]
    times = [local(f"2026-06-0{day}T09:00") for day in (3, 4, 5)]
    found = clock(
        list(moments_of(times, states, frozenset({"waiting"}))), agreed(8), local("2026-06-05T10:00")
    )
    assert (found.state, found.counted, found.paused) == ("paused", 7 * HOUR_US, HOUR_US)
