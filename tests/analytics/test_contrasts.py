"""Parts against the rest: the excess, its interval under shared fate, and the smallest description."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.analytics.contrasts import Cells, Condition, contrast, explains, standardised
from towpath.analytics.intervals import newcombe, score_test

DIMENSIONS = ("component", "version", "channel", "device")


def even(count: int, blocks: int) -> np.ndarray:
    return np.full(blocks, count / blocks)


def test_the_excess_is_what_the_rest_would_not_have_had() -> None:
    """Blocks that agree exactly have no design effect beyond 1; t for 2,000 blocks is z."""
    found = contrast([even(120, 2000)], [even(1000, 2000)], even(320, 2000), even(5000, 2000))
    assert found.excess[0] == pytest.approx(120 - 1000 * 200 / 4000)
    bounds = newcombe(120, 1000, 200, 4000)
    assert found.low[0] == pytest.approx(1000 * bounds.low, rel=5e-3)
    assert found.high[0] == pytest.approx(1000 * bounds.high, rel=5e-3)
    assert found.design_effect[0] == 1
    assert np.log(found.p[0]) == pytest.approx(np.log(score_test(120, 1000, 200, 4000)), rel=5e-3)


def shared_fate(rng: np.random.Generator, candidates: int) -> list[np.ndarray]:
    """Parts with nothing wrong, whose share of bad ones differs from day to day (beta, 28 days)."""
    size, rest = np.full((candidates, 28), 60), np.full((candidates, 28), 300)
    bad = rng.binomial(size, rng.beta(3, 27, size.shape))
    other = rng.binomial(rest, rng.beta(3, 27, size.shape))
    return [bad, size, bad + other, size + rest]


def test_days_that_share_their_fate_raise_no_false_alarms() -> None:
    found = contrast(*shared_fate(np.random.default_rng(1), 1500))
    naive = score_test(found.bad, found.size, found.rest_bad, found.rest_size)
    assert 0.02 <= np.mean(found.p < 0.05) <= 0.07
    assert np.mean(naive < 0.05) > 0.2
    assert 0.93 <= np.mean((found.low <= 0) & (found.high >= 0)) <= 0.98
    assert np.median(found.design_effect) > 2


def test_what_all_parts_suffer_on_one_day_is_no_parts_doing() -> None:
    rng = np.random.default_rng(2)
    rate = np.where(np.arange(28) == 9, 0.6, 0.05)
    size, rest = np.full((600, 28), 80), np.full((600, 28), 400)
    bad, other = rng.binomial(size, rate), rng.binomial(rest, rate)
    found = contrast(bad, size, bad + other, size + rest)
    assert np.mean(found.p < 0.05) <= 0.07


def test_intervals_cover_a_real_excess() -> None:
    rng = np.random.default_rng(3)
    size, rest = rng.integers(20, 80, (1000, 28)), rng.integers(200, 400, (1000, 28))
    bad, other = rng.binomial(size, rng.beta(12, 68, size.shape)), rng.binomial(rest, 0.05)
    found = contrast(bad, size, bad + other, size + rest)
    truth = (0.15 - 0.05) * found.size
    assert 0.93 <= np.mean((found.low <= truth) & (truth <= found.high)) <= 0.98


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 40)] * 4), min_size=1, max_size=12))
def test_candidates_side_by_side_are_as_each_alone(blocks: list[tuple[int, ...]]) -> None:
    a, more, c, others = np.array(blocks).T
    n1, n0 = a + more, c + others
    both = contrast([a, c], [n1, n0], a + c, n1 + n0)
    for i, (bad, size) in enumerate([(a, n1), (c, n0)]):
        alone = contrast([bad], [size], a + c, n1 + n0)
        assert all(
            np.array_equal(one[i : i + 1], other, equal_nan=True)
            for one, other in zip(vars(both).values(), vars(alone).values(), strict=True)
        )
    assert both.too_little[0] == both.too_little[1]
    assert np.all(both.too_little | (both.p <= 1))


def test_too_little_data_gives_counts_and_no_estimate() -> None:
    few_blocks = contrast([[20, 20]], [[100, 100]], [60, 60], [500, 500])
    few_units = contrast([even(2, 7)], [even(20, 7)], even(60, 7), even(500, 7))
    for found in (few_blocks, few_units):
        assert found.too_little.tolist() == [True]
        assert np.isnan([found.excess[0], found.low[0], found.p[0]]).all()
    assert few_units.bad[0] == pytest.approx(2)


def test_it_refuses_parts_that_are_no_parts() -> None:
    with pytest.raises(ValueError, match="part of all"):
        contrast([[5.0]], [[9.0]], [4.0], [20.0])
    with pytest.raises(ValueError, match="tables"):
        contrast([[5.0, 1.0]], [[9.0]], [4.0], [20.0])


def test_standardising_takes_away_what_the_hours_did() -> None:
    """The part comes at night, nights are bad for all: it looks worse by 27 and is not."""
    bad, size = np.array([5.0, 36.0]), np.array([100.0, 180.0])
    rest_bad, rest_size = np.array([90.0, 40.0]), np.array([1800.0, 200.0])
    raw = bad.sum() - size.sum() * rest_bad.sum() / rest_size.sum()
    found = standardised(bad, size, rest_bad, rest_size)
    assert raw > 20
    assert found.excess == pytest.approx(0)
    assert found.covered == 1
    assert found.p == pytest.approx(1)
    assert found.low is not None
    assert found.low < 0


def test_standardised_intervals_widen_with_the_design_effect_and_say_what_they_cover() -> None:
    tables = ([30.0, 10.0, 9.0], [100.0, 80.0, 20.0], [40.0, 20.0, 0.0], [400.0, 300.0, 0.0])
    plain, shared = standardised(*tables), standardised(*tables, design_effect=4.0)
    assert plain.covered == shared.covered == pytest.approx(0.9)
    assert None not in (plain.low, plain.excess, shared.low, plain.p, shared.p)
    assert shared.excess - shared.low == pytest.approx(2 * (plain.excess - plain.low))
    assert shared.p > plain.p
    assert standardised([1.0], [5.0], [0.0], [0.0]).excess is None


def population(rng: np.random.Generator, rate: np.ndarray) -> Cells:
    """Components 0-2, versions 0-3, channels 0-1, devices 0-2. Versions 2 and 3 exist in channel 1 only."""
    cells = np.array(list(itertools.product(range(3), range(4), range(2), range(3))))
    cells = cells[(cells[:, 1] < 2) == (cells[:, 2] == 0)]
    size = rng.integers(60, 240, len(cells)).astype(float)
    return Cells(DIMENSIONS, cells, rng.binomial(size.astype(int), rate[: len(cells)]).astype(float), size)


def planted(seed: int, where: dict[str, int], rate: float = 0.2) -> Cells:
    plain = population(np.random.default_rng(seed), np.full(72, 0.02))
    hit = np.all([plain.codes[:, DIMENSIONS.index(name)] == value for name, value in where.items()], axis=0)
    return population(np.random.default_rng(seed), np.where(hit, rate, 0.02))


@pytest.mark.parametrize("seed", range(8))
def test_a_fault_of_one_version_is_called_by_the_version_not_by_its_channel(seed: int) -> None:
    found = explains(planted(seed, {"version": 3}))
    assert found is not None
    assert found.conditions == (Condition("version", 3),)
    assert found.low < 0.18 * found.size < found.high
    assert found.share_of_bad > 0.6


@pytest.mark.parametrize("seed", range(8))
def test_a_fault_of_a_version_on_one_device_takes_both_conditions(seed: int) -> None:
    found = explains(planted(seed, {"version": 3, "device": 1}))
    assert found is not None
    assert found.conditions == (Condition("version", 3), Condition("device", 1))


@pytest.mark.parametrize("seed", range(8))
def test_a_fault_of_the_channel_is_called_by_the_channel(seed: int) -> None:
    found = explains(planted(seed, {"channel": 1}, rate=0.08))
    assert found is not None
    assert found.conditions == (Condition("channel", 1),)


def test_nothing_stands_out_of_noise() -> None:
    rng = np.random.default_rng(4)
    found = [explains(population(rng, np.full(72, 0.05))) for _ in range(100)]
    assert sum(one is not None for one in found) <= 5


def test_what_is_always_so_is_no_explanation_where_the_usual_is_known() -> None:
    cells = planted(1, {"component": 2})
    usual = np.where(cells.codes[:, 0] == 2, 0.2, 0.02) * cells.size
    assert explains(cells) is not None
    assert explains(Cells(cells.dimensions, cells.codes, cells.bad, cells.size, usual)) is None


def test_descriptions_of_the_same_cells_are_told_as_alike() -> None:
    """Version 1 is all that component 1 runs: the dimension named first is chosen, the other is said."""
    codes = np.array([[0, 0], [1, 1], [2, 0]])
    found = explains(Cells(("component", "version"), codes, np.array([5.0, 60, 5]), np.full(3, 500.0)))
    assert found is not None
    assert found.conditions == (Condition("component", 1),)
    assert found.alike == ((Condition("version", 1),),)


def test_unknown_values_and_empty_tables_explain_nothing() -> None:
    codes = np.array([[-1], [-1]])
    assert explains(Cells(("version",), codes, np.array([5.0, 90]), np.full(2, 200.0))) is None
    assert explains(Cells(("version",), codes[:0], np.zeros(0), np.zeros(0))) is None
    with pytest.raises(ValueError, match="lists of cells"):
        explains(Cells(("version",), codes, np.zeros(1), np.zeros(1)))
