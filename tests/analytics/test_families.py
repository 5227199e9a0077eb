"""Selection over one family agrees with statsmodels and keeps its promises in simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from towpath.analytics.families import family, widened
from towpath.analytics.normal import Z95, two_sided

chances = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@settings(max_examples=100, deadline=None)
@given(chances, st.sampled_from([0.01, 0.05, 0.2]))
def test_selection_agrees_with_statsmodels(p: list[float], limit: float) -> None:
    found = family(p, limit)
    rejected, q, _, _ = multipletests(p, limit, method="fdr_bh")
    assert found.q == pytest.approx(q, abs=1e-12)
    clear = np.abs(q - limit) > 1e-12
    assert np.array_equal(found.selected[clear], rejected[clear])


@settings(max_examples=50, deadline=None)
@given(chances, st.integers(1, 5))
def test_a_test_that_could_not_be_made_is_no_member(p: list[float], unknown: int) -> None:
    alone, among = family(p), family([*p, *[np.nan] * unknown])
    assert np.array_equal(among.q[: len(p)], alone.q)
    assert np.isnan(among.q[len(p) :]).all()
    assert not among.selected[len(p) :].any()
    assert (among.members, among.level) == (alone.members, alone.level)


def test_the_level_of_the_selected_is_that_of_the_false_coverage_rate() -> None:
    found = family([0.001, 0.004, 0.9, 0.8, 0.7])
    assert found.selected.tolist() == [True, True, False, False, False]
    assert found.level == pytest.approx(1 - 2 * 0.05 / 5)


def test_nothing_selected_has_no_level_and_an_empty_family_is_allowed() -> None:
    assert family([0.5, 0.9]).level is None
    assert (family([]).members, family([]).level) == (0, None)


@pytest.mark.parametrize("limit", [0.0, 1.0, -0.1])
def test_it_refuses_a_limit_that_is_no_rate(limit: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        family([0.5], limit)


def test_intervals_of_the_selected_miss_no_more_often_than_promised() -> None:
    """200 families of 40 effects, 10 of them real: the share of selected intervals that miss stays below
    q."""
    rng = np.random.default_rng(5)
    missed, plain = [], []
    for _ in range(200):
        truth = np.where(np.arange(40) < 10, 2.5, 0.0)
        seen = truth + rng.standard_normal(40)
        found = family(two_sided(seen))
        low, high = widened(seen, seen - Z95, seen + Z95, found.level)
        miss = (truth < low) | (truth > high)
        missed.append(miss[found.selected].sum() / max(1, found.selected.sum()))
        misses_plain = np.abs(truth - seen) > Z95
        plain.append(misses_plain[found.selected].sum() / max(1, found.selected.sum()))
    assert np.mean(missed) < 0.05 < np.mean(plain)


def test_no_interval_is_narrowed() -> None:
    assert tuple(float(bound) for bound in widened(2, 1, 4, None)) == (1.0, 4.0)
    assert tuple(float(bound) for bound in widened(2, 1, 4, 0.8)) == (1.0, 4.0)
