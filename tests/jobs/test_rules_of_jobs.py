"""When a failed attempt is tried again, when a schedule is next due, what a declaration refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.foundation.jobs.declaring import Policy, job, loop, policy_of, scheduled
from towpath.foundation.jobs.rules import LONGEST_PAUSE, due_after, pause_after

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_pauses_double_until_an_hour() -> None:
    pauses = [pause_after(attempt, 2.0, 0.5).total_seconds() for attempt in range(1, 14)]
    assert pauses[:4] == [2.0, 4.0, 8.0, 16.0]
    assert pauses[-1] == LONGEST_PAUSE


@given(st.integers(1, 10_000), st.floats(0.01, 600), st.floats(0, 1, exclude_max=True))
@settings(deadline=None, max_examples=100)
def test_a_pause_is_spread_over_half_to_one_and_a_half(attempt: int, first: float, draw: float) -> None:
    middle = pause_after(attempt, first, 0.5)
    assert middle * 0.499 <= pause_after(attempt, first, draw) <= middle * 1.501


def test_a_schedule_that_slept_is_caught_up_with_once() -> None:
    assert due_after(NOON, 60, NOON) == NOON + timedelta(seconds=60)
    assert due_after(NOON, 60, NOON + timedelta(hours=5, seconds=1)) == NOON + timedelta(hours=5, minutes=1)


@given(st.floats(0.5, 1e6), st.floats(0, 1e8))
@settings(deadline=None, max_examples=100)
def test_the_next_time_lies_ahead_by_at_most_one_turn(every: float, late: float) -> None:
    now = NOON + timedelta(seconds=late)
    ahead = (due_after(NOON, every, now) - now).total_seconds()
    assert -0.001 < ahead <= every + 0.001


@pytest.mark.parametrize("limits", [{"attempts": 0}, {"timeout": 0}, {"pause": -1}])
def test_it_refuses_limits_without_sense(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="attempts must be 1 or more"):
        job(**limits)  # type: ignore[arg-type]


def test_it_refuses_schedules_and_loops_without_a_pause() -> None:
    with pytest.raises(ValueError, match="above 0"):
        scheduled(every=0)
    with pytest.raises(ValueError, match="above 0"):
        loop(every=-1)


def test_a_job_that_no_longer_exists_has_the_usual_policy() -> None:
    assert policy_of("towpath.gone.jobs.vanished") == Policy()
    assert policy_of("towpath.foundation.jobs.jobs.forget_finished_jobs").attempts == 3
