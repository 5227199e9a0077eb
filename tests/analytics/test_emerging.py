"""Emerging topics, against R's surveillance and against what is planted."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.emerging import WEEK_US, closed_weeks, emerging, expect, is_new, noufaily

PUBLISHED = Path(__file__).parents[3] / "shared" / "oracles" / "published.json"
MONDAY = 1_700_438_400_000_000


@pytest.fixture(scope="module")
def farrington():
    if not PUBLISHED.parent.is_dir():
        pytest.skip("shared/oracles is missing")
    return json.loads(PUBLISHED.read_text(encoding="utf-8"))["farrington"]


def test_it_expects_what_r_expects(farrington):
    series = np.array(farrington["series"], np.int64)
    found = [noufaily(series, week, years=4) for week in range(281, 312)]
    assert [each.mu for each in found] == pytest.approx(farrington["mu_noufaily"], rel=1e-5)
    assert [each.phi for each in found] == pytest.approx(farrington["phi_noufaily"], rel=1e-5)
    assert [each.p for each in found] == pytest.approx(farrington["p_noufaily"], rel=1e-4)
    assert [each.upper for each in found] == farrington["upper_noufaily_nbPlugin_alpha05_b4_w3_noPeriods10"]


def test_its_alarms_are_those_of_r(farrington):
    series = np.array(farrington["series"], np.int64)
    weeks = [w for w in range(281, 312) if series[w] > noufaily(series, w, years=4).upper]
    assert [week + 1 for week in weeks if series[week - 3 : week + 1].sum() >= 5] == farrington[
        "alarms_noufaily"
    ]


@pytest.mark.parametrize("weeks", [40, 90, 130, 220])
def test_quiet_weeks_are_seldom_told(weeks):
    draws = np.random.default_rng(weeks)
    counts = draws.negative_binomial(8, 0.5, (150, weeks))
    assert len(emerging(counts)) <= 3


@pytest.mark.parametrize("weeks", [40, 90, 130, 220])
def test_a_planted_surge_is_told_first(weeks):
    counts = np.random.default_rng(3).poisson(6, (40, weeks))
    counts[7, -2:] = 40
    found = emerging(counts)
    assert found[0].topic == 7
    assert found[0].observed == 40
    assert found[0].method == ("noufaily" if weeks == 220 else "trend")


def test_a_season_that_comes_every_year_is_no_surge():
    week = np.arange(260)
    season = np.where(week % 52 >= 48, 40, 8)
    counts = np.random.default_rng(5).poisson(season, (1, 260))
    assert emerging(counts[:, : 52 * 5 - 1]) == []


def test_growth_that_went_on_for_a_year_is_no_surge():
    draws = np.random.default_rng(2)
    for least, most in ((5, 25), (50, 250)):
        assert len(emerging(draws.poisson(np.linspace(least, most, 80), (10, 80)))) <= 1


def test_a_surge_on_top_of_growth_is_told():
    grown = np.random.default_rng(4).poisson(np.linspace(5, 25, 80), (10, 80))
    grown[6, -1] = 90
    assert [surge.topic for surge in emerging(grown)][:1] == [6]


def test_a_topic_that_nobody_had_met_is_new():
    series = np.array([0] * 20 + [0, 2, 1, 3])
    assert is_new(series)
    assert emerging(series[None, :])[0].method == "first seen"


def test_few_tickets_are_never_told():
    counts = np.zeros((1, 60), np.int64)
    counts[0, -1] = 4
    assert emerging(counts) == []


def test_too_short_a_past_tells_nothing():
    counts = np.full((1, 18), 2)
    counts[0, -1] = 50
    assert emerging(counts) == []


def test_the_running_week_is_never_counted():
    opened = MONDAY + np.arange(5) * WEEK_US + 1
    counts, first = closed_weeks(opened, np.zeros(5, np.int64), 1, MONDAY + 4 * WEEK_US + 2)
    assert first == MONDAY + WEEK_US
    assert counts.tolist() == [[1, 1, 1]]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60 * 7), st.integers(-1, 3)), max_size=60), st.integers(0, 60 * 7))
def test_weeks_are_counted_as_by_hand(tickets, until):
    day = WEEK_US // 7
    opened = np.array([MONDAY + at * day for at, _ in tickets], np.int64)
    topic = np.array([each for _, each in tickets], np.int64)
    counts, first = closed_weeks(opened, topic, 4, MONDAY + until * day)
    for row in range(4):
        for week in range(counts.shape[1]):
            low = first + week * WEEK_US
            inside = (opened >= low) & (opened < low + WEEK_US) & (topic == row)
            assert counts[row, week] == inside.sum()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=30, max_size=180), st.integers(0, 60))
def test_more_tickets_are_never_less_surprising(series, more):
    fewer, week = np.array(series, np.int64), len(series) - 1
    greater = fewer.copy()
    greater[week] += more
    low, high = expect(fewer, week), expect(greater, week)
    assert low.mu == high.mu
    assert high.p <= low.p
    assert 0 <= high.p <= 1
