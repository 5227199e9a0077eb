"""Shrunken estimates: against numerical integration, by simulation, and for what ranking needs of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from towpath.analytics.shrinking import _Components, _weights, shrink

sizes = st.lists(st.tuples(st.floats(-50, 500), st.floats(0.5, 50)), min_size=1, max_size=25)


def drawn(rng: np.random.Generator, size: int, zeros: float) -> tuple[np.ndarray, ...]:
    """Effects as findings have them: many of nothing, most small, few large; and what is seen of them."""
    truth = np.where(rng.random(size) < zeros, 0.0, rng.exponential(20, size))
    error = rng.uniform(2, 25, size)
    return truth, truth + error * rng.standard_normal(size), error


@pytest.mark.parametrize("side", ["not below zero", "either side"])
def test_the_posterior_is_that_of_numerical_integration(side: str) -> None:
    x, s = np.array([-6.0, 1.0, 4.0, 30.0]), np.array([3.0, 2.0, 1.0, 8.0])
    found = shrink(x, s, level=0.9, side=side)
    parts = _Components.of(x, s, side)
    prior, _ = _weights(parts.log_marginal)
    scale = np.sqrt(parts.spread[0, 1:] ** 2 / (1 - parts.spread[0, 1:] ** 2 / s[0] ** 2))
    double, low = (2, 0.0) if side == "not below zero" else (1, -60.0)
    grid = np.linspace(low, 120, 240_001)
    of_effect = double * sum(
        w * stats.norm.pdf(grid, 0, t) for w, t in zip(prior[1:], scale, strict=True) if w > 1e-12
    )
    for i in range(4):
        joint = of_effect * stats.norm.pdf(x[i], grid, s[i])
        zero = prior[0] * stats.norm.pdf(x[i], 0, s[i])
        total = integrate.trapezoid(joint, grid) + zero
        assert found.mean[i] == pytest.approx(integrate.trapezoid(joint * grid, grid) / total, abs=2e-3)
        assert found.zero[i] == pytest.approx(zero / total, abs=2e-3)
        below = integrate.cumulative_trapezoid(joint, grid, initial=0) + zero * (grid >= 0)
        chances = grid[np.searchsorted(below / total, [0.05, 0.95, 0.9])]
        from_zero = side == "not below zero" and chances[2] <= chances[1] - chances[0]
        expected = [0.0, chances[2]] if from_zero else chances[:2]
        assert [found.low[i], found.high[i]] == pytest.approx(expected, abs=2e-2)


def test_a_noisy_estimate_is_drawn_further_than_a_precise_one() -> None:
    rng = np.random.default_rng(1)
    _, seen, error = drawn(rng, 40, 0.5)
    found = shrink(np.append(seen, [40.0, 40.0]), np.append(error, [3.0, 25.0]))
    precise, noisy = found.mean[-2:]
    assert 35 < precise < 40
    assert noisy < 0.75 * precise
    assert list(found.order).index(40) < list(found.order).index(41)


def test_ranking_by_the_posterior_mean_finds_more_than_ranking_by_the_estimate() -> None:
    rng = np.random.default_rng(2)
    gained, plain = 0.0, 0.0
    for _ in range(40):
        truth, seen, error = drawn(rng, 60, 0.5)
        gained += truth[shrink(seen, error).order[:10]].sum()
        plain += truth[np.argsort(-seen)[:10]].sum()
    assert gained > 1.03 * plain


@pytest.mark.parametrize("zeros", [0.0, 0.3])
def test_intervals_cover_all_and_those_that_came_out_on_top(zeros: float) -> None:
    """90 % intervals of 60 findings, 40 times: over all, and over the ten that rank first."""
    rng = np.random.default_rng(3)
    every, first, curse = [], [], []
    for _ in range(40):
        truth, seen, error = drawn(rng, 60, zeros)
        found = shrink(seen, error, level=0.9)
        covered = (found.low <= truth) & (truth <= found.high)
        every.append(covered.mean())
        first.append(covered[found.order[:10]].mean())
        curse.append((found.mean - truth)[found.order[:10]].mean())
    assert 0.85 <= np.mean(every) <= 0.95
    assert 0.85 <= np.mean(first) <= 0.95
    assert abs(np.mean(curse)) < 1.5


@settings(max_examples=60, deadline=None)
@given(sizes)
def test_the_posterior_lies_where_effects_can_be(values: list[tuple[float, float]]) -> None:
    x, s = np.array(values).T
    found = shrink(x, s)
    assert np.all((found.low >= 0) & (found.low <= found.high))
    assert np.all((found.mean >= 0) & np.isfinite(found.mean))
    assert np.all(np.diff(found.mean[found.order]) <= 0)
    assert np.all((found.zero >= 0) & (found.zero <= 1))


def test_nothing_but_noise_is_drawn_to_nothing() -> None:
    seen = np.random.default_rng(4).standard_normal(200) * 10
    found = shrink(seen, np.full(200, 10.0))
    assert found.mean.max() < 5 < seen.max() / 4
    assert np.all(found.low == 0)


def test_effects_of_either_side_turn_with_their_sign() -> None:
    x, s = np.array([-30.0, 2.0, 8.0]), np.array([5.0, 5.0, 3.0])
    one, other = shrink(x, s, side="either side"), shrink(-x, s, side="either side")
    assert one.mean == pytest.approx(-other.mean)
    assert one.low == pytest.approx(-other.high, abs=1e-6)


def test_it_refuses_what_cannot_be_shrunk() -> None:
    with pytest.raises(ValueError, match="one length"):
        shrink([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="above 0"):
        shrink([1.0], [0.0])
    with pytest.raises(ValueError, match="level"):
        shrink([1.0], [1.0], level=1.0)
    assert len(shrink([], []).order) == 0
