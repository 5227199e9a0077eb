"""What would have come, and what is missing: coverage by simulation, holes, earlier outages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from towpath.analytics.expected import expected, in_weeks, missing

HOURS = np.arange(168)
BUSY = 4 + 60 * np.exp(-(((HOURS % 24) - 14) ** 2) / 18) * np.where(HOURS < 120, 1, 0.6)
DAYS = np.array([400.0, 380, 390, 370, 420, 250, 200])


def counts(rng: np.random.Generator, mean: np.ndarray, weeks: int, share: float = 0.1) -> np.ndarray:
    """Weeks of negative-binomial counts whose rate varies by `share` beyond Poisson's."""
    return rng.poisson(mean * rng.gamma(1 / share**2, share**2, (weeks, len(mean)))).astype(float)


def waves(rng: np.random.Generator, mean: np.ndarray, weeks: int) -> np.ndarray:
    """Weeks whose rate goes up and down over some hours (AR(1) of 0.7)."""
    z = rng.standard_normal(weeks * len(mean))
    for t in range(1, len(z)):
        z[t] = 0.7 * z[t - 1] + np.sqrt(1 - 0.49) * z[t]
    return rng.poisson(np.tile(mean, weeks) * np.exp(0.15 * z)).reshape(weeks, -1).astype(float)


@pytest.mark.parametrize(("mean", "weeks"), [(BUSY, 4), (BUSY, 8), (DAYS, 4), (DAYS, 8)])
def test_what_comes_lies_in_its_interval(mean: np.ndarray, weeks: int) -> None:
    rng = np.random.default_rng(1)
    inside, few = [], []
    for _ in range(20 if len(mean) > 7 else 150):
        series = counts(rng, mean, weeks + 1)
        found = missing(expected(series[:-1]), series[-1])
        inside.append(np.mean((found.low <= 0) & (found.high >= 0)))
        few.append(np.mean(found.p < 0.025))
    assert 0.92 <= np.mean(inside) <= 0.985
    assert np.mean(few) <= 0.045


def test_totals_of_hours_that_move_together_lie_in_their_interval() -> None:
    rng = np.random.default_rng(2)
    inside = []
    for _ in range(60):
        series = waves(rng, BUSY, 9)
        baseline = expected(series[:-1])
        for hour in (10, 58, 106):
            total = missing(baseline, series[-1, hour : hour + 8], hour).total
            assert total is not None
            inside.append(total.low <= 0 <= total.high)
    assert 0.9 <= np.mean(inside) <= 0.99


def test_a_hole_of_three_hours_is_found_and_its_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(3)
    covered, found_it = [], []
    for _ in range(60):
        series = waves(rng, BUSY, 9)
        lost, came = series[-1, 37:40].sum(), series[-1].copy()
        came[37:40] = 0
        found = missing(expected(series[:-1]), came[37:40], 37)
        assert found.total is not None
        assert found.total_p is not None
        covered.append(found.total.low <= lost <= found.total.high)
        found_it.append(found.total_p < 1e-6)
        assert found.total.low > 0
        assert np.all(found.p < 1e-3)
    assert np.mean(covered) >= 0.9
    assert np.mean(found_it) == 1


def test_an_earlier_outage_does_not_lower_what_is_expected() -> None:
    rng = np.random.default_rng(4)
    series = counts(rng, BUSY, 8)
    broken = series.copy()
    broken[3, 60:66] = 0
    broken[6, 10:20] = 1
    found, whole = expected(broken), expected(series)
    assert found.left_out[3, 60:66].all()
    assert found.left_out[6, 12:18].all()
    assert found.left_out.sum() <= 25
    assert np.abs(found.mean - whole.mean).max() < 0.2 * BUSY.max()
    assert found.mean[60:66].sum() == pytest.approx(whole.mean[60:66].sum(), rel=0.08)


def test_a_day_of_outage_among_four_weeks_is_left_out() -> None:
    series = counts(np.random.default_rng(5), DAYS, 4, share=0.05)
    series[2, 4] = 12
    found = expected(series)
    assert found.left_out.tolist() == [[False] * 7] * 2 + [[False] * 4 + [True] + [False] * 2, [False] * 7]
    assert found.weeks.tolist() == [4, 4, 4, 4, 3, 4, 4]
    assert found.mean[4] == pytest.approx(420, rel=0.1)


def test_fewer_weeks_and_hardly_any_arrivals_are_too_little_data() -> None:
    few = expected(np.full((3, 7), 50.0))
    rare = expected(np.eye(8, 168))
    for baseline in (few, rare):
        assert baseline.too_little
        found = missing(baseline, np.zeros(3))
        assert np.isnan(found.estimate).all()
        assert np.isnan(found.p).all()
        assert (found.total, found.total_p) == (None, None)


def test_a_slot_that_is_not_known_is_left_out_of_the_total() -> None:
    series = counts(np.random.default_rng(6), DAYS, 6)
    series[:3, 2] = np.nan
    baseline = expected(series)
    assert np.isnan(baseline.mean).tolist() == [False, False, True, False, False, False, False]
    found = missing(baseline, np.zeros(7))
    assert found.total is not None
    assert found.total.estimate == pytest.approx(np.nansum(baseline.mean))


def test_weeks_go_by_the_calendar_of_their_slots() -> None:
    series = np.arange(7.0 * 11 + 3)
    weeks = in_weeks(series, 7)
    assert weeks.shape == (8, 7)
    assert weeks[-1].tolist() == series[-7:].tolist()
    baseline = expected(np.tile(DAYS, (8, 1)))
    assert missing(baseline, np.zeros(3), 6).estimate == pytest.approx([200, 400, 380])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.6, 300), st.integers(4, 8))
def test_intervals_hold_their_estimate_and_chances_are_chances(seed: int, mean: float, weeks: int) -> None:
    rng = np.random.default_rng(seed)
    baseline = expected(rng.poisson(mean, (weeks, 7)) + np.eye(weeks, 7))
    assume(not baseline.too_little)  # of a mean that is hardly enough, chance may leave less
    found = missing(baseline, rng.poisson(mean, 7))
    assert np.all(found.low <= found.high)
    assert np.all((found.p >= 0) & (found.p <= 1))
    assert found.total is not None
    assert found.total.low <= found.total.estimate <= found.total.high
    more = missing(baseline, rng.poisson(mean, 7) + 10 * mean + 50)
    assert np.all(more.p > 0.5)


def test_it_refuses_what_is_no_history() -> None:
    with pytest.raises(ValueError, match="from 0 on"):
        expected(np.full((4, 7), -1.0))
    with pytest.raises(ValueError, match="slots 0 to 6"):
        missing(expected(np.full((4, 7), 9.0)), [3.0], 7)
    with pytest.raises(ValueError, match="one list"):
        missing(expected(np.full((4, 7), 9.0)), [[3.0]])
    with pytest.raises(ValueError, match="one list"):
        in_weeks([[1.0]], 7)
