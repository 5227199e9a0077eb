"""Rare counts against expectation: exact where it can be, and holding their level when days vary."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from towpath.analytics.excess import above_other, above_share, dispersion


@pytest.mark.parametrize(("bad", "size", "share"), [(3, 40, 0.02), (0, 10, 0.1), (9, 9, 0.5), (1, 500, 0.01)])
def test_a_count_against_a_share_is_the_binomial_tail(bad: int, size: int, share: float) -> None:
    exact = stats.binom.sf(bad - 1, size, share)
    assert above_share(bad, size, share) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(
    ("bad", "size", "other", "rest"), [(5, 100, 4, 400), (1, 30, 20, 300), (12, 50, 12, 50)]
)
def test_two_counts_are_compared_given_their_total(bad: int, size: int, other: int, rest: int) -> None:
    exact = stats.binom.sf(bad - 1, bad + other, size / (size + rest))
    assert above_other(bad, size, other, rest) == pytest.approx(exact, rel=1e-9)


def test_a_little_more_than_before_is_as_before() -> None:
    plain = above_other(600, 10_000, 500, 10_000)
    lenient = above_other(600, 10_000, 500, 10_000, times=1.25)
    assert plain < 0.01
    assert lenient > 0.4
    assert above_other(600, 10_000, 500, 10_000, plus=0.01) > 0.3


def test_without_customers_nothing_is_said() -> None:
    assert np.isnan(above_other([1, 0], [10, 0], [0, 3], [0, 50])).all()
    assert np.isnan(above_share(0, 0, 0.1))


def test_dispersion_sees_waves_and_not_a_change_that_stayed() -> None:
    draw = np.random.default_rng(4)
    size = np.full((40, 84), 500.0)
    calm = draw.binomial(500, 0.02, size.shape)
    waves = draw.binomial(500, np.clip(0.02 * draw.gamma(4, 0.25, size.shape), 0, 1))
    changed = draw.binomial(500, np.where(np.arange(84) < 42, 0.02, 0.08), size.shape)
    assert dispersion(calm, size).mean() < 1.35
    assert dispersion(waves, size).mean() > 2
    assert dispersion(changed, size).mean() < 1.5


def test_the_level_holds_where_days_vary() -> None:
    draw = np.random.default_rng(5)
    size = np.full((400, 84), 300.0)
    rate = np.clip(0.02 * draw.gamma(5, 0.2, size.shape), 0, 1)
    bad = draw.binomial(300, rate)
    spread = dispersion(bad, size)
    p = above_other(bad[:, -7:].sum(axis=1), 2100.0, bad[:, -35:-7].sum(axis=1), 8400.0, dispersion=spread)
    assert np.mean(p < 0.05) < 0.07
