"""Loss together with a bad experience: figures by hand, intervals by simulation, verdicts by rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from towpath.analytics.loss import Loss, Units, loss_together_with


def units_of(strata: dict[int, tuple[int, int, int, int]], worth: dict[int, float] | None = None) -> Units:
    """Units by stratum: (exposed lost, exposed, unexposed lost, unexposed); 12 hours, a customer each.

    An unexposed unit that is not lost is worth `worth` of its stratum, an exposed one 1000.
    """
    rows = []
    for code, (a, n1, c, n0) in strata.items():
        value = (worth or {}).get(code, 0.0)
        rows += [(code, True, i < a, 0.0 if i < a else 1000.0) for i in range(n1)]
        rows += [(code, False, i < c, 0.0 if i < c else value) for i in range(n0)]
    code, exposed, lost, value = (np.array(column) for column in zip(*rows, strict=True))
    place = np.arange(len(rows))
    return Units(exposed, lost, [code], place % 12, place, value)


def simulated(rng: np.random.Generator, effect: float = 0.0, hours: int = 48, size: int = 1200) -> Units:
    """Hours differ in exposure and in loss, customers come back and differ: misleading without strata."""
    hour, customer = rng.integers(0, hours, size), rng.integers(0, size // 2, size)
    trouble = rng.beta(0.8, 4, hours)
    exposed = rng.random(size) < trouble[hour]
    logit = -1 + 2 * trouble[hour] + rng.normal(0, 1, size)[customer] + effect * exposed
    lost = rng.random(size) < 1 / (1 + np.exp(-logit))
    value = np.where(lost, 0.0, rng.lognormal(3, 1, size))
    return Units(exposed, lost, [hour, hour // 8, hour * 0], hour, customer, value)


BAD = {0: (60, 100, 100, 500), 1: (50, 200, 80, 800)}


def test_the_figures_are_those_of_the_hand_calculation() -> None:
    found = loss_together_with(units_of(BAD, {0: 50.0, 1: 10.0}))
    assert (found.exposed, found.lost_among_exposed) == (300, 110)
    assert (found.unexposed, found.lost_among_unexposed) == (1300, 180)
    assert found.lost_beyond is not None
    assert found.lost_beyond.estimate == pytest.approx((60 - 100 * 0.2) + (50 - 200 * 0.1))
    assert found.money is not None
    # Final values with zeros: 50 * 400 / 500 and 10 * 720 / 800.
    assert found.money.estimate == pytest.approx(40 * 40.0 + 30 * 9.0)
    assert found.coverage == 1
    assert found.verdict == "together with"
    assert found.lost_beyond.low < 70 < found.lost_beyond.high
    assert 0 < found.money.low < found.money.estimate < found.money.high


def test_the_difference_is_tested_by_mantel_haenszel() -> None:
    found = loss_together_with(units_of(BAD)).difference
    assert found is not None
    weights = np.array([100 * 500 / 600, 200 * 800 / 1000])
    assert found.estimate == pytest.approx(np.average([0.6 - 0.2, 0.25 - 0.1], weights=weights))


def test_the_interval_of_independent_units_is_the_binomial_one() -> None:
    found = loss_together_with(units_of({0: (300, 1000, 3000, 15000)})).lost_beyond
    assert found is not None
    error = 1000 * np.sqrt(0.3 * 0.7 / 1000 + 0.2 * 0.8 / 15000)
    student = 2.201  # 12 hours, 11 degrees of freedom
    assert found.high - found.low == pytest.approx(2 * student * error, rel=0.15)
    assert (found.low + found.high) / 2 == pytest.approx(100, abs=0.2 * error)


def test_strata_without_the_other_kind_are_not_covered() -> None:
    partly = loss_together_with(units_of({**BAD, 2: (50, 60, 0, 0)}))
    assert partly.coverage == pytest.approx(300 / 360)
    assert partly.lost_beyond is not None
    assert partly.lost_beyond.estimate == pytest.approx(70)
    hardly = loss_together_with(units_of({**BAD, 2: (50, 90, 0, 0)}))
    assert hardly.coverage == pytest.approx(300 / 390)
    assert (hardly.verdict, hardly.lost_beyond, hardly.money) == ("cannot tell", None, None)


@pytest.mark.parametrize("strata", [{0: (20, 29, 100, 500)}, {0: (20, 500, 10, 29)}, {0: (0, 0, 10, 500)}])
def test_too_few_units_are_too_little_data(strata: dict[int, tuple[int, int, int, int]]) -> None:
    found = loss_together_with(units_of(strata))
    assert (found.verdict, found.lost_beyond, found.difference) == ("too little data", None, None)


def test_trouble_in_few_hours_is_too_little_data() -> None:
    few = replace(units_of(BAD), block=np.arange(1600) % 4)
    assert loss_together_with(few).verdict == "too little data"
    none = np.zeros(0, np.int64)
    empty = loss_together_with(Units(none > 0, none > 0, [none], none, none))
    assert empty == Loss(0, 0, 0, 0, 0.0, "too little data")


def test_without_values_there_is_no_money() -> None:
    found = loss_together_with(replace(units_of(BAD), value=None))
    assert found.money is None
    assert found.lost_beyond is not None


def test_no_effect_is_covered_about_nominally() -> None:
    rng = np.random.default_rng(20)
    found = [loss_together_with(simulated(rng), seed) for seed in range(150)]
    ranges = [one.lost_beyond for one in found if one.lost_beyond]
    money = [one.money for one in found if one.money]
    assert len(ranges) == len(money) == 150
    for intervals in (ranges, money):
        covered = np.mean([one.low <= 0 <= one.high for one in intervals])
        assert 0.9 <= covered <= 0.99
    assert sum(one.verdict == "together with" for one in found) <= 0.05 * 150


def test_the_crude_comparison_would_have_been_misled_where_the_strata_are_not() -> None:
    rng = np.random.default_rng(21)
    crude, adjusted = [], []
    for seed in range(25):
        units = simulated(rng)
        for figures, strata in ((crude, [units.block * 0]), (adjusted, units.strata)):
            found = loss_together_with(replace(units, strata=strata), seed).lost_beyond
            assert found is not None
            figures.append(found.estimate)
    noise = np.std(adjusted) / 5
    assert abs(np.mean(adjusted)) < 3 * noise
    assert np.mean(crude) > 6 * noise


def test_a_clear_effect_is_found() -> None:
    rng = np.random.default_rng(22)
    found = [loss_together_with(simulated(rng, effect=1.2), seed).verdict for seed in range(20)]
    assert found.count("together with") >= 18


def test_the_same_seed_gives_the_same_and_labels_change_nothing() -> None:
    units = simulated(np.random.default_rng(23), effect=0.5)
    first = loss_together_with(units, 4)
    assert loss_together_with(units, 4) == first
    renamed = [level.max() - level + 1000 * (i + 1) for i, level in enumerate(units.strata)]
    again = loss_together_with(replace(units, strata=renamed), 4)
    assert first.lost_beyond is not None
    assert again.lost_beyond is not None
    for one, two in ((first.lost_beyond, again.lost_beyond), (first.difference, again.difference)):
        assert vars(one) == pytest.approx(vars(two))
    assert loss_together_with(units, 5).lost_beyond != first.lost_beyond


def test_many_customers_are_resampled_in_groups_without_a_wider_interval() -> None:
    rng = np.random.default_rng(24)
    units = simulated(rng, effect=0.5, size=9000)
    alone = loss_together_with(units).lost_beyond
    grouped = loss_together_with(replace(units, customer=np.arange(9000))).lost_beyond
    assert alone is not None
    assert grouped is not None
    assert (grouped.high - grouped.low) / (alone.high - alone.low) == pytest.approx(1, abs=0.3)


def test_it_refuses_values_that_are_no_money_and_lists_that_do_not_fit() -> None:
    units = units_of(BAD)
    with pytest.raises(ValueError, match="finite number"):
        loss_together_with(replace(units, value=np.full(1600, np.nan)))
    with pytest.raises(ValueError, match="one length"):
        loss_together_with(replace(units, customer=np.arange(3)))
