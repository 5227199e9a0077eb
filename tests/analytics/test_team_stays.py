"""Stays with teams and shared effort, told a second time in plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.shared_effort import DAY_US, shared_effort
from towpath.analytics.team_stays import stays_of

ROW = st.tuples(st.integers(-1, 3), st.integers(0, 9), st.integers(0, 50))
HOUR = 3_600_000_000


def by_hand(tickets):
    told = []
    for number, rows in enumerate(tickets):
        runs = []
        now = 0
        for team, state, length in rows:
            if not runs or runs[-1]["team"] != team:
                runs.append({"ticket": number, "team": team, "sums": [0] * 10, "open": now, "rows": 0})
            runs[-1]["sums"][state] += length
            now += length
            runs[-1]["end"] = now
        runs = [run for run in runs if run["team"] >= 0]
        for place, run in enumerate(runs):
            later = [each for each in runs[place + 1 :] if each["team"] == run["team"]]
            run["before"] = runs[place - 1]["team"] if place else -1
            run["after"] = runs[place + 1]["team"] if place + 1 < len(runs) else -1
            run["again"] = any(each["team"] == run["team"] for each in runs[:place])
            run["away"] = later[0]["open"] - run["end"] if later else -1
            run["last"] = place == len(runs) - 1
            told.append(run)
    return told


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(ROW, min_size=1, max_size=8), max_size=6))
def test_stays_are_those_told_by_hand(tickets):
    tickets = [[*((-1, 0, 1) for _ in range(len(rows) % 2)), *_known(rows)] for rows in tickets]
    rows = [row for each in tickets for row in each]
    starts = np.append(0, np.cumsum([len(each) for each in tickets])).astype(np.int64)
    columns = np.array(rows, np.int64).reshape(-1, 3)
    found = stays_of(
        starts,
        np.arange(len(rows)),
        columns[:, 1].astype(np.int8),
        columns[:, 0].astype(np.int32),
        columns[:, 2],
    )
    told = by_hand(tickets)
    for name in ("ticket", "team", "before", "after", "again", "away", "last"):
        assert getattr(found, name).tolist() == [run[name] for run in told], name
    assert found.by_state.tolist() == [run["sums"] for run in told]


def _known(rows):
    """Once a team has it, a ticket is never with nobody again."""
    held, kept = -1, []
    for team, state, length in rows:
        held = team if team >= 0 else held
        kept.append((held, state, length))
    return kept


def test_time_is_shared_among_what_is_held_at_once():
    begin = np.array([0, HOUR, 0], np.int64)
    end = np.array([3 * HOUR, 2 * HOUR, HOUR], np.int64)
    found = shared_effort(np.array([0, 0, 5], np.int32), begin, end, 8 * HOUR)
    assert (found / HOUR).tolist() == pytest.approx([2.5, 0.5, 1.0])


def test_a_day_gives_no_more_than_its_capacity():
    found = shared_effort(np.zeros(1, np.int32), np.array([12 * HOUR]), np.array([60 * HOUR]), 8 * HOUR)
    assert (found / HOUR).tolist() == pytest.approx([8 + 8 + 8])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(0, 40)), max_size=12))
def test_effort_is_that_of_a_minute_by_minute_walk(held):
    person = np.array([each[0] for each in held], np.int32)
    begin = np.array([each[1] for each in held], np.int64) * HOUR
    end = begin + np.array([each[2] for each in held], np.int64) * HOUR
    found = shared_effort(person, begin, end, 8 * HOUR)
    told = np.zeros(len(held))
    for who in set(person.tolist()):
        for day in range(6):
            hours = [
                [at for at in range(len(held)) if person[at] == who and begin[at] <= hour * HOUR < end[at]]
                for hour in range(day * 24, day * 24 + 24)
            ]
            busy = sum(map(bool, hours))
            for each in filter(None, hours):
                told[each] += min(1.0, 8 / busy) / len(each)
    assert (found / HOUR).tolist() == pytest.approx(told.tolist(), abs=1e-6)
    assert DAY_US == 24 * HOUR


def test_an_interval_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="before it begins"):
        shared_effort(np.zeros(1, np.int32), np.array([5]), np.array([4]), HOUR)
