"""Cumulative incidence agrees with R survival, statsmodels and brute force, and its partials add."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from statsmodels.duration.survfunc import CumIncidenceRight

from towpath.analytics.conversion import (
    Durations,
    cumulative_incidence,
    curve,
    finish,
    merge,
    partial,
    subtract,
)

DATA = Path(__file__).parent / "data"
Z = special.ndtri(0.975)

entities = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), max_size=40)


def published(name: str, kinds: tuple[str | None, str, str | None]) -> Durations:
    """Counts (censored, of interest, competing) by the file's columns of those names."""
    with (DATA / name).open(newline="") as file:
        rows = list(csv.DictReader(file))
    counts = [[int(row[kind]) if kind else 0 for kind in kinds] for row in rows]
    times = [int(next(iter(row.values()))) for row in rows]
    return Durations(np.array(times), np.array(counts))


def counted(people: list[tuple[int, int]]) -> Durations:
    return partial(
        np.array([time for time, _ in people], np.int64), np.array([kind for _, kind in people], np.int8)
    )


def standard_error(estimate: float, low: float, high: float) -> float:
    """Undoes the complementary log-log interval."""
    width = np.log(np.log1p(-high) / np.log1p(-low)) / 2
    return float(width / Z * -np.log1p(-estimate) * (1 - estimate))


def by_hand(people: list[tuple[int, int]], weight: np.ndarray, at: int) -> float:
    """Aalen-Johansen as its definition reads."""
    time, kind = np.array(people).T
    staying, share = 1.0, 0.0
    for moment in sorted({int(t) for t in time[kind > 0] if t <= at}):
        at_risk = weight[time >= moment].sum()
        share += staying * weight[(time == moment) & (kind == 1)].sum() / at_risk
        staying *= 1 - weight[(time == moment) & (kind > 0)].sum() / at_risk
    return share


PCM, DEATH = ("censored", "progressed", "died"), ("censored", "died", "progressed")


@pytest.mark.parametrize(
    ("months", "progressed", "died"),
    [
        (60, 0.03410371297, 0.3203670103),
        (120, 0.06372216801, 0.5318177041),
        (240, 0.09981371594, 0.7240279761),
    ],
)
def test_it_agrees_with_r_on_mgus2(months: int, progressed: float, died: float) -> None:
    """R survival, survfit(Surv(etime, event) ~ 1): pstate, without rounding to fewer digits."""
    for kinds, estimate in ((PCM, progressed), (DEATH, died)):
        result = finish(published("mgus2.csv", kinds), months)
        assert result.estimate == pytest.approx(estimate, abs=1e-10)
        assert result.reason is None


@pytest.mark.parametrize(
    ("months", "error"), [(60, 0.004889257908), (120, 0.006796848424), (240, 0.009784846793)]
)
def test_its_standard_error_is_that_of_r_on_mgus2(months: int, error: float) -> None:
    result = finish(published("mgus2.csv", PCM), months)
    assert result.estimate is not None
    assert result.low is not None
    assert result.high is not None
    assert standard_error(result.estimate, result.low, result.high) == pytest.approx(error, abs=1e-11)


@pytest.mark.parametrize(
    ("months", "wrong"), [(60, 0.04215386168), (120, 0.09522165935), (240, 0.2095616245)]
)
def test_to_censor_the_competing_event_would_be_wrong_as_published(months: int, wrong: float) -> None:
    right = published("mgus2.csv", PCM)
    censored = right.counts @ np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0]])
    assert finish(Durations(right.duration, censored), months).estimate == pytest.approx(wrong, abs=1e-10)


def test_without_a_competing_event_it_is_kaplan_meier() -> None:
    """R: survfit(Surv(time, status) ~ 1, lung): median 310, 95 % 285 to 363 on the log scale."""
    found = curve(published("lung.csv", ("censored", "died", None)))
    inside = found.estimate < 1
    times, died = found.times[inside], found.estimate[inside]
    error = [
        standard_error(*point) for point in zip(died, found.low[inside], found.high[inside], strict=True)
    ]
    staying = 1 - died
    assert times[staying <= 0.5][0] == 310
    assert times[staying * np.exp(-Z * np.array(error) / staying) <= 0.5][0] == 285
    assert times[staying * np.exp(Z * np.array(error) / staying) <= 0.5][0] == 363
    # The same by the complementary log-log scale (R: conf.type = "log-log") is 284 to 361.
    assert (times[found.high[inside] >= 0.5][0], times[found.low[inside] >= 0.5][0]) == (284, 361)


def test_it_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(5)
    duration, status = rng.integers(1, 60, 500), rng.integers(0, 3, 500).astype(np.int8)
    duration[0], status[0] = 60, 0
    other = CumIncidenceRight(duration, status)
    found = curve(partial(duration, status), np.asarray(other.times))
    rises = (found.estimate > 0) & (found.estimate < 1)
    error = [
        standard_error(*point)
        for point in zip(found.estimate[rises], found.low[rises], found.high[rises], strict=True)
    ]
    np.testing.assert_allclose(found.estimate, other.cinc[0], atol=1e-12)
    np.testing.assert_allclose(error, other.cinc_se[0][rises], rtol=1e-6)


@settings(max_examples=100, deadline=None)
@given(entities, st.integers(0, 13))
def test_it_agrees_with_the_definition_by_hand(people: list[tuple[int, int]], at: int) -> None:
    result = finish(counted(people), at)
    followed = any(time >= at for time, _ in people)
    known = sum(kind > 0 or time >= at for time, kind in people)
    assert result.known == known
    if known < 10:
        assert (result.estimate, result.reason) == (None, "too few")
    elif not followed and not all(kind for time, kind in people if time == max(people)[0]):
        assert (result.estimate, result.reason) == (None, "not followed long enough")
    else:
        assert result.estimate == pytest.approx(by_hand(people, np.ones(len(people)), at), abs=1e-12)
        assert result.low is not None
        assert result.high is not None
        assert 0 <= result.low <= result.estimate <= result.high <= 1


def test_its_variance_is_the_infinitesimal_jackknife() -> None:
    rng = np.random.default_rng(2)
    people = [(int(t), int(k)) for t, k in zip(rng.integers(0, 15, 80), rng.integers(0, 3, 80), strict=True)]
    ones = np.ones(len(people))
    influence = []
    for i in range(len(people)):
        nudge = ones.copy()
        nudge[i] += 1e-6
        influence.append((by_hand(people, nudge, 9) - by_hand(people, ones, 9)) / 1e-6)
    point = curve(counted(people), np.array([9]))
    error = standard_error(point.estimate[0], point.low[0], point.high[0])
    assert error == pytest.approx(np.sqrt(np.sum(np.square(influence))), rel=1e-4)


def test_without_censoring_it_is_the_plain_share_with_binomial_variance() -> None:
    result = cumulative_incidence(np.repeat([1, 2, 5], [30, 50, 120]), np.repeat([1, 2, 2], [30, 50, 120]), 5)
    assert result.estimate == pytest.approx(30 / 200)
    assert result.low is not None
    assert result.high is not None
    assert standard_error(0.15, result.low, result.high) == pytest.approx(np.sqrt(0.15 * 0.85 / 200))


@settings(max_examples=100, deadline=None)
@given(st.lists(entities, max_size=4), entities)
def test_partials_add_and_can_be_subtracted(parts: list[list[tuple[int, int]]], more: list) -> None:
    together = counted([person for part in parts for person in part])
    merged = merge([counted(part) for part in parts])
    back = subtract(merge([merged, counted(more)]), counted(more))
    for other in (merged, back):
        np.testing.assert_array_equal(other.duration, together.duration)
        np.testing.assert_array_equal(other.counts, together.counts)


def test_it_refuses_to_subtract_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="not all in the whole"):
        subtract(counted([(1, 1)]), counted([(1, 2)]))


def test_nobody_and_everybody_still_get_an_interval() -> None:
    nobody = finish(counted([(5, 2)] * 20), 5)
    assert (nobody.estimate, nobody.low) == (0, 0)
    assert nobody.high == pytest.approx(Z**2 / (20 + Z**2))
    everybody = finish(counted([(time, 1) for time in range(30)]), 40)
    assert (everybody.estimate, everybody.high) == (pytest.approx(1), 1)
    assert everybody.low == pytest.approx(30 / (30 + Z**2))


def test_all_censored_too_early_is_too_little_data_but_all_followed_through_is_zero() -> None:
    early = finish(counted([(3, 0)] * 50), 4)
    assert (early.estimate, early.known, early.reason) == (None, 0, "too few")
    still = finish(counted([(3, 1)] * 20 + [(4, 0)] * 50), 5)
    assert (still.estimate, still.reason) == (None, "not followed long enough")
    through = finish(counted([(4, 0)] * 50), 4)
    assert (through.estimate, through.low, through.reason) == (0, 0, None)


def test_the_curve_stops_where_nobody_was_followed_any_longer() -> None:
    found = curve(counted([(1, 1), (2, 0), (3, 1), (9, 0)]), np.array([0, 2, 9, 10]))
    assert found.times.tolist() == [0, 2, 9]
    assert found.estimate.tolist() == [0, 0.25, 0.625]
    assert curve(counted([])).times.tolist() == []


@pytest.mark.parametrize(
    ("duration", "status", "says"),
    [
        ([-1], [0], "between 0"),
        ([1], [3], "A status is"),
        ([1], [-1], "A status is"),
        ([1, 2], [0], "one length"),
    ],
)
def test_it_refuses_input_that_means_nothing(duration: list[int], status: list[int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        partial(np.array(duration), np.array(status, np.int8))
