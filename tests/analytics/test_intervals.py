"""Intervals and tests agree with the papers they come from, and with statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.proportion import test_proportions_2indep as two_proportions_test

from towpath.analytics.intervals import false_discovery_q, newcombe, score_test, selected_level, wilson

BENJAMINI_HOCHBERG_1995 = {
    "p": [
        *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
        *(0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1),
    ],
    "q": [
        *(0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714, 0.06385714, 0.0645),
        *(0.0765, 0.486, 0.58118182, 0.714875, 0.75323077, 0.81321429, 1.0),
    ],
}
shares = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_newcombe_is_that_of_the_paper() -> None:
    """Newcombe 1998, table II, 56/70 against 48/80, method 10."""
    low, high = newcombe(56, 70, 48, 80)
    assert (low, high) == (pytest.approx(0.05243147, abs=1e-8), pytest.approx(0.33387265, abs=1e-8))


@pytest.mark.parametrize(
    ("table", "interval"),
    [
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0000)),
        ((10, 10, 0, 10), (0.6075, 1.0000)),
    ],
)
def test_newcombe_holds_at_the_borders(table: tuple[int, ...], interval: tuple[float, float]) -> None:
    """The other columns of the same table, to its four digits."""
    assert newcombe(*table) == (pytest.approx(interval[0], abs=6e-5), pytest.approx(interval[1], abs=6e-5))


def test_wilson_of_the_failed_deployments() -> None:
    """4 of 23 deployments: 17.4 %, 7 to 37 %."""
    low, high = wilson(4, 23)
    assert (round(float(low), 2), round(float(high), 2)) == (0.07, 0.37)


@settings(max_examples=100, deadline=None)
@given(shares, st.sampled_from([0.8, 0.95, 0.999]))
def test_wilson_agrees_with_statsmodels(share: tuple[int, int], level: float) -> None:
    hits, size = share
    low, high = wilson(hits, size, level)
    other = proportion_confint(hits, size, 1 - level, method="wilson")
    assert (low, high) == (pytest.approx(other[0], abs=1e-12), pytest.approx(other[1], abs=1e-12))
    assert 0 <= low <= hits / size <= high <= 1


@settings(max_examples=100, deadline=None)
@given(shares, shares)
def test_the_difference_turns_its_sign_with_the_groups(one: tuple[int, int], two: tuple[int, int]) -> None:
    forward, back = newcombe(*one, *two), newcombe(*two, *one)
    assert forward.low == pytest.approx(-back.high, abs=1e-12)
    assert -1 <= forward.low <= one[0] / one[1] - two[0] / two[1] <= forward.high <= 1


@settings(max_examples=100, deadline=None)
@given(shares, shares)
def test_the_score_test_is_pearsons_chi_squared(one: tuple[int, int], two: tuple[int, int]) -> None:
    p = score_test(*one, *two)
    hits = one[0] + two[0]
    if hits in (0, one[1] + two[1]):
        assert p == 1
        return
    table = [[one[0], one[1] - one[0]], [two[0], two[1] - two[0]]]
    assert p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-8, abs=1e-300)


def test_the_score_test_agrees_with_statsmodels() -> None:
    other = two_proportions_test(56, 70, 48, 80, method="score", compare="diff", correction=False)
    assert score_test(56, 70, 48, 80) == pytest.approx(other.pvalue, rel=1e-9)


def test_the_q_values_are_those_of_benjamini_and_hochberg() -> None:
    q = false_discovery_q(BENJAMINI_HOCHBERG_1995["p"])
    np.testing.assert_allclose(q, BENJAMINI_HOCHBERG_1995["q"], atol=1e-8)
    assert np.sum(q <= 0.05) == 4


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=30))
def test_q_values_agree_with_statsmodels_in_any_order_and_leave_nan_out(p: list[float]) -> None:
    q = false_discovery_q(p)
    known = ~np.isnan(np.array(p, np.float64))
    assert np.isnan(q[~known]).all()
    if known.any():
        np.testing.assert_allclose(
            q[known], multipletests(np.array(p)[known], method="fdr_bh")[1], atol=1e-12
        )


def test_intervals_for_the_selected_miss_no_more_often_than_q() -> None:
    """At most 5 % of the intervals shown miss (give or take 400 runs); at level 95 % more of them do."""
    rng = np.random.default_rng(11)
    size, truth = 400, np.where(np.arange(40) < 4, 0.42, 0.3)
    missed: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(400):
        hits, rest = rng.binomial(size, truth), rng.binomial(size * 20, 0.3, 40)
        selected = false_discovery_q(score_test(hits, size, rest, size * 20)) <= 0.05
        for adjusted, shown in missed.items():
            level = selected_level(int(selected.sum()), 40) if adjusted and selected.any() else 0.95
            low, high = newcombe(hits, size, rest, size * 20, level)
            outside = (low > truth - 0.3) | (high < truth - 0.3)
            shown.append(float(outside[selected].mean()) if selected.any() else 0.0)
    noise = np.std(missed[True]) / np.sqrt(400)
    assert np.mean(missed[True]) < 0.05 + 2 * noise
    assert np.mean(missed[False]) > 0.06


def test_the_level_of_the_selected_is_one_minus_r_q_over_m() -> None:
    assert selected_level(4, 15) == pytest.approx(1 - 4 * 0.05 / 15)
    assert selected_level(15, 15) == pytest.approx(0.95)


def test_it_refuses_counts_and_levels_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="between 0 and its size"):
        wilson(5, 4)
    with pytest.raises(ValueError, match="between 0 and its size"):
        newcombe(1, 2, -1, 2)
    with pytest.raises(ValueError, match="confidence level"):
        wilson(1, 2, 95)
    with pytest.raises(ValueError, match="between 0 and 1"):
        false_discovery_q([0.5, 1.5])
    with pytest.raises(ValueError, match="No level for 0 selected"):
        selected_level(0, 5)
