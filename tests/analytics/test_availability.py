"""How often an item does not work: against all states of the world, and the figures of DEFINITIONS."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from structures import Group, built, structures, unavailable_by_hand

from towpath.analytics.availability import allowed_each, drawn, unavailability

SOME = settings(deadline=None, max_examples=60)


@SOME
@given(structures(most=6), st.data())
def test_it_is_the_sum_over_all_states(given_one: tuple[int, list[Group]], data: st.DataObject) -> None:
    size, groups = given_one
    own = data.draw(st.lists(st.floats(0, 1), min_size=size, max_size=size))
    found = unavailability(built(size, groups), 0, own)
    assert found.exact
    assert found.estimate == pytest.approx(unavailable_by_hand(size, groups, own, 0), abs=1e-12)


def test_a_part_used_twice_counts_once() -> None:
    """Two applications on one host: were they independent, both would fail by 0.01 * 0.01."""
    twice = built(4, [(0, 1, (1, 2)), (1, 1, (3,)), (2, 1, (3,))])
    assert unavailability(twice, 0, [0, 0, 0, 0.01]).estimate == pytest.approx(0.01)


def test_redundant_parts_follow_the_binomial() -> None:
    three = built(4, [(0, 2, (1, 2, 3))])
    expected = stats.binom.sf(1, 3, 0.02)
    assert unavailability(three, 0, [0, 0.02, 0.02, 0.02]).estimate == pytest.approx(expected)


def test_common_causes_hit_the_whole_group() -> None:
    pair = built(3, [(0, 1, (1, 2))], {0: 0.1})
    both, alone = 0.1 * 0.05, 0.9 * 0.05
    expected = 1 - (1 - both) * (1 - alone**2)
    assert unavailability(pair, 0, [0, 0.05, 0.05]).estimate == pytest.approx(expected)


@pytest.mark.parametrize("common", [0.0, 0.2])
def test_what_is_drawn_agrees_with_what_is_computed(common: float) -> None:
    groups: list[Group] = [(0, 2, (1, 2, 3)), (1, 1, (4, 5)), (2, 1, (4, 6)), (3, 1, (5,))]
    structure, own = built(7, groups, {1: common}), [0.01, 0.02, 0.03, 0.01, 0.1, 0.15, 0.1]
    exact, found = unavailability(structure, 0, own), drawn(structure, 0, own, 400_000)
    assert not found.exact
    assert found.low < exact.estimate < found.high
    assert found.high - found.low < 0.01


def test_what_is_too_large_to_compute_is_drawn() -> None:
    pairs = [(0, 1, (1 + 2 * each, 2 + 2 * each)) for each in range(400)]
    found = unavailability(built(801, pairs), 0, np.full(801, 0.01))
    assert not found.exact
    assert found.low < 1 - 0.99 * (1 - 1e-4) ** 400 < found.high


@pytest.mark.parametrize(
    ("whole", "members", "needed", "common", "each"),
    [(1e-4, 3, 2, 0.0, 0.00578), (1e-4, 2, 1, 0.1, 0.00099), (1e-4, 2, 1, 0.0, 0.01)],
)
def test_what_each_part_may_fail_is_as_published(
    whole: float, members: int, needed: int, common: float, each: float
) -> None:
    assert allowed_each(whole, members, needed, common) == pytest.approx(each, rel=5e-3)


def test_in_a_series_all_share_alike() -> None:
    assert allowed_each(0.001, 4, 4) == pytest.approx(1 - 0.999**0.25)


@SOME
@given(st.floats(1e-6, 0.2), st.integers(1, 6), st.data())
def test_the_inverse_leads_back(whole: float, members: int, data: st.DataObject) -> None:
    needed = data.draw(st.integers(1, members))
    each = allowed_each(whole, members, needed)
    assert stats.binom.sf(members - needed, members, each) == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize("wrong", [(0, 2, 1, 0), (0.1, 2, 3, 0), (0.1, 2, 1, 1.5)])
def test_what_cannot_be_asked_is_refused(wrong: tuple[float, int, int, float]) -> None:
    with pytest.raises(ValueError, match="Allowed"):
        allowed_each(*wrong)


@pytest.mark.parametrize("own", [[0.1], [0.1, 1.5], [0.1, float("nan")]])
def test_shares_that_are_none_are_refused(own: list[float]) -> None:
    with pytest.raises(ValueError, match="one share"):
        unavailability(built(2, [(0, 1, (1,))]), 0, own)
