"""A change is found where one is, with its day; noise, weekdays and waves are not taken for one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from towpath.analytics.change_point import Change, change_point, change_points

WEEKDAY = np.arange(84) % 7
FACTORS = np.array([1.3, 1.2, 1.1, 1.1, 1.0, 0.7, 0.6])
NILE_1871_TO_1970 = [
    *(1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799),
    *(958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916),
    *(692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698),
    *(845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742),
    *(801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901),
    *(1170, 912, 746, 919, 718, 714, 740),
]


def series(
    rng: np.random.Generator,
    size: int,
    mean: float,
    dispersion: float,
    correlation: float,
    *,
    factor: float = 1,
) -> np.ndarray:
    """Negative-binomial counts[size, 84], through a normal AR(1), weekdays unlike; times `factor` from day
    50."""
    means = mean * FACTORS[WEEKDAY] * np.where(np.arange(84) >= 50, factor, 1)
    z = rng.standard_normal((size, 84))
    for t in range(1, 84):
        z[:, t] = correlation * z[:, t - 1] + np.sqrt(1 - correlation**2) * z[:, t]
    return stats.nbinom.ppf(stats.norm.cdf(z), means / (dispersion - 1), 1 / dispersion)


def chances(changes: list[Change]) -> np.ndarray:
    return np.array([change.p for change in changes if change.p is not None])


@pytest.mark.parametrize(("mean", "dispersion", "correlation"), [(40, 3, 0.3), (40, 4, 0.5), (4, 1.8, 0.2)])
def test_series_without_a_change_are_seldom_taken_for_changed(
    mean: float, dispersion: float, correlation: float
) -> None:
    counts = series(np.random.default_rng(7), 300, mean, dispersion, correlation)
    p = chances(change_points(counts, None, WEEKDAY))
    assert len(p) == 300
    assert 0.02 <= np.mean(p < 0.05) <= 0.09
    assert np.mean(p < 0.5) == pytest.approx(0.5, abs=0.12)


def test_a_doubling_is_found_with_its_day_and_its_rates() -> None:
    found = change_points(series(np.random.default_rng(8), 150, 20, 3, 0.3, factor=2), None, WEEKDAY)
    assert np.mean(chances(found) < 0.05) > 0.95
    assert np.mean([abs(change.day - 50) <= 2 for change in found]) > 0.85
    assert np.mean([change.low <= 50 <= change.high for change in found]) > 0.93
    evened = FACTORS.mean()
    for rate, side in ((20 * evened, "before"), (40 * evened, "after")):
        bounds = [(getattr(change, f"{side}_low"), getattr(change, f"{side}_high")) for change in found]
        assert np.mean([low <= rate <= high for low, high in bounds]) > 0.88


def test_strong_evidence_gets_p_values_beyond_the_reach_of_the_replicates() -> None:
    found = change_points(series(np.random.default_rng(9), 20, 40, 2, 0.1, factor=3), None, WEEKDAY)
    assert np.all((chances(found) > 0) & (chances(found) < 1e-3))


def test_the_nile_fell_in_1898() -> None:
    """Cobb 1978; the interval by Bai and Perron's method (R strucchange) is 25 to 32 observations before."""
    change = change_point(NILE_1871_TO_1970, None, np.zeros(100, np.int64))
    assert change.day == 28
    assert change.low is not None
    assert change.high is not None
    assert 23 <= change.low <= 28 <= change.high <= 34
    assert change.p is not None
    assert change.p < 0.001
    assert (change.before, change.after) == (
        pytest.approx(1097.75, rel=0.01),
        pytest.approx(849.97, rel=0.01),
    )


def test_more_attempts_are_no_worse_rate() -> None:
    """Attempts double on day 50, the share of bad ones stays at 30 %."""
    rng = np.random.default_rng(10)
    attempts = np.where(np.arange(84) >= 50, 200, 100) * np.ones((200, 1), np.int64)
    bad = rng.binomial(attempts, 0.3)
    shares = chances(change_points(bad, attempts, WEEKDAY))
    assert 0.01 <= np.mean(shares < 0.05) <= 0.09
    assert np.all(chances(change_points(bad[:10], None, WEEKDAY)) < 0.001)


def test_a_share_that_rises_is_found_and_its_bounds_are_shares() -> None:
    rng = np.random.default_rng(11)
    attempts = rng.integers(30, 60, 84)
    change = change_point(rng.binomial(attempts, np.where(np.arange(84) < 30, 0.6, 0.97)), attempts, WEEKDAY)
    assert change.day == pytest.approx(30, abs=2)
    assert change.before == pytest.approx(0.6, abs=0.05)
    assert change.after_high is not None
    assert change.after_high <= 1


def test_weekdays_are_no_change() -> None:
    """Without adjusting, a series that ends in a weekend would look changed."""
    counts = 60 * FACTORS[WEEKDAY[:27]]
    change = change_point(np.round(counts), None, WEEKDAY[:27])
    assert change.p is not None
    assert change.p > 0.2


@pytest.mark.parametrize("day", [2, 40, 79, 81, 83])
def test_one_bad_day_is_no_change(day: int) -> None:
    counts = np.random.default_rng(13).poisson(40, (40, 84)).astype(float)
    counts[:, day] = 400
    assert np.mean(chances(change_points(counts, None, WEEKDAY)) < 0.05) <= 0.1


def test_days_without_attempts_say_nothing() -> None:
    attempts = np.random.default_rng(14).integers(80, 120, 84)
    attempts[20:34] = 0
    bad = np.round(attempts * np.where(np.arange(84) < 50, 0.1, 0.3))
    change = change_point(bad, attempts, WEEKDAY)
    assert change.day == 50
    assert (change.before, change.after) == (pytest.approx(0.1, rel=0.05), pytest.approx(0.3, rel=0.05))


def test_a_series_gives_the_same_alone_and_among_others() -> None:
    counts = series(np.random.default_rng(12), 6, 10, 2, 0.2, factor=1.5)
    together = change_points(counts, None, WEEKDAY, seed=3)
    assert [change_point(row, None, WEEKDAY, seed=3) for row in counts] == together


def test_a_change_leaves_five_days_on_each_side() -> None:
    counts = np.full(40, 5.0)
    counts[-4:] = 60
    change = change_point(counts, None, np.arange(40) % 7)
    assert change.day == 35
    assert change.high == 35


def test_few_days_and_few_bad_ones_are_too_little_data() -> None:
    for counts in (np.full(9, 50), np.eye(1, 84)[0] * 9):
        change = change_point(counts, None, WEEKDAY[: len(counts)])
        assert change.too_little
        assert (change.day, change.p) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([[1.0, 2]], None, [0]), "one size"),
        (([[-1.0, 2]], None, [0, 1]), "from 0 on"),
        (([[3.0, 2]], [[2.0, 2]], [0, 1]), "more bad ones"),
        (([[3.0, 2]], None, [0, 7]), "0 to 6"),
    ],
)
def test_it_refuses_what_is_no_series_of_days(arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        change_points(*arguments)
