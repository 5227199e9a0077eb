"""Emerging topics: weeks that hold more tickets than a topic's own past would let one expect.

From three years of weeks on: Noufaily et al. 2013 (Statistics in Medicine 32:1206), as R's surveillance
1.20.3 computes it (`farringtonFlexible`, half-window 3, ten periods, the last 26 weeks left out, quantile of
the negative binomial with the fitted mean). Below that a negative-binomial trend, with harmonics of the year
from two years on, which leaves out the last 26 weeks or a quarter of the history. A topic that nobody had met
before goes by a rule of its own. Fewer than five tickets in four weeks are never told. Only whole weeks are
looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from towpath.analytics.intervals import false_discovery_q
from towpath.analytics.quasi_poisson import Fit, fit_with_trend, fit_without_outbreaks

Floats = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Method = Literal["noufaily", "trend", "first seen", "too little data"]

WEEK_US = 7 * 86_400_000_000
YEAR = 52
LEFT_OUT = 26
LEAST_WEEKS = 20
"""Of history, below which nothing is told but what is new."""
ENOUGH, WITHIN = 5, 4
"""So many tickets in so many weeks are needed."""
HALF_WINDOW, PERIODS, MOST_YEARS = 3, 10, 5
_MONDAY_US = 4 * 86_400_000_000
"""The first Monday after the epoch."""


@dataclass(frozen=True)
class Expected:
    """Of one week: the mean `mu`, overdispersion `phi`, the highest usual count `upper` (its quantile
    1 - alpha) and the chance `p` of as many tickets or more."""

    mu: float
    phi: float
    upper: float
    p: float


@dataclass(frozen=True)
class Surge:
    """A topic (its row) whose last whole week is beyond what was expected; `q`: Benjamini and Hochberg's,
    over all topics looked at; nan for a topic that is new."""

    topic: int
    observed: int
    in_four_weeks: int
    expected: float
    upper: float
    p: float
    q: float
    method: Method


def closed_weeks(opened: Int64, topic: Int64, topics: int, as_of: int) -> tuple[Int64, int]:
    """int64[topics, weeks] of tickets by whole week (Monday to Sunday, UTC) and the first Monday in UTC
    microseconds. The running week is left out, and so is a first week that began before the first ticket. A
    topic of -1 is not counted."""
    none = np.zeros((topics, 0), np.int64)
    if not len(opened):
        return none, 0
    first = -(-(int(opened.min()) - _MONDAY_US) // WEEK_US)
    end = (as_of - _MONDAY_US) // WEEK_US
    if end <= first:
        return none, 0
    week = (opened - _MONDAY_US) // WEEK_US - first
    kept = (week >= 0) & (week < end - first) & (topic >= 0)
    flat = np.bincount(topic[kept] * (end - first) + week[kept], minlength=topics * (end - first))
    return flat.reshape(topics, end - first).astype(np.int64), first * WEEK_US + _MONDAY_US


def emerging(counts: Int64, *, q: float = 0.05) -> list[Surge]:
    """Topics that surge in the last week of int64[topics, weeks], most surprising first."""
    topics, weeks = counts.shape
    recent = counts[:, -WITHIN:].sum(axis=1)
    nan = float("nan")
    found = [
        Surge(row, int(counts[row, -1]), int(recent[row]), 0.0, 0.0, nan, nan, "first seen")
        for row in range(topics)
        if is_new(counts[row])
    ]
    new = {surge.topic for surge in found}
    tested = [
        row for row in range(topics) if row not in new and recent[row] >= ENOUGH and weeks > LEAST_WEEKS
    ]
    expected = [expect(counts[row], weeks - 1) for row in tested]
    chances = false_discovery_q([each.p for each in expected])
    method: Method = "noufaily" if weeks > 3 * YEAR + HALF_WINDOW else "trend"
    for row, each, chance in zip(tested, expected, chances.tolist(), strict=True):
        observed = int(counts[row, -1])
        if chance <= q and observed > each.upper:
            found.append(Surge(row, observed, int(recent[row]), each.mu, each.upper, each.p, chance, method))
    return sorted(
        found, key=lambda surge: (surge.method != "first seen", surge.p, -surge.observed, surge.topic)
    )


def is_new(series: Int64) -> bool:
    """Whether a topic was first met in the last four weeks, after a quarter of a year or more without it."""
    before, recent = series[:-WITHIN], int(series[-WITHIN:].sum())
    return len(before) >= 13 and not before.any() and recent >= ENOUGH


def expect(series: Int64, week: int, *, alpha: float = 0.05) -> Expected:
    """What the past lets one expect of a week of int64[weeks], and how far its count lies beyond."""
    years = (week - HALF_WINDOW) // YEAR
    if years >= 3:
        return noufaily(series, week, years=min(years, MOST_YEARS), alpha=alpha)
    return _by_trend(series, week, alpha)


def noufaily(series: Int64, week: int, *, years: int, alpha: float = 0.05) -> Expected:
    """See above; `years` of baseline. Raises ValueError where they do not lie in the series."""
    if week - years * YEAR - HALF_WINDOW < 0:
        raise ValueError(f"Week {week} has no {years} years of weeks before it.")
    period = _periods(week, years)
    period[week - LEFT_OUT :] = 0
    used = np.flatnonzero(period)
    y = series[used].astype(np.float64)
    season = (period[used][:, None] == np.arange(1, PERIODS)).astype(np.float64)
    found, ahead = fit_with_trend(season, used.astype(np.float64), y, float(week), always=True)
    row = np.concatenate([ahead, np.zeros(PERIODS - 1)])
    if len(ahead) > 1 and float(np.exp(row @ found.beta)) > y.max():
        found, row = fit_without_outbreaks(np.column_stack([np.ones(len(y)), season]), y), np.delete(row, 1)
    return _beyond(found, row, int(series[week]), alpha, plug_in=True)


def _periods(week: int, years: int) -> Int64:
    """The period of the year that each week belongs to, 1 to 10; the tenth is that of the week tested, 0: not
    used."""
    period = np.zeros(week + 1, np.int64)
    period[week - HALF_WINDOW :] = PERIODS
    for back in range(1, years + 1):
        centre = week - back * YEAR
        period[centre - HALF_WINDOW : centre + HALF_WINDOW + 1] = PERIODS
        between = np.arange(centre + HALF_WINDOW + 1, centre + YEAR - HALF_WINDOW)
        for place, part in enumerate(np.array_split(between, PERIODS - 1), 1):
            period[part] = place
    return period


def _by_trend(series: Int64, week: int, alpha: float) -> Expected:
    """Growth is carried on as a straight line from the last week used. As an exponential it would soon expect
    anything; and without it (the published rule, made for years of weeks) steady growth would be a surge."""
    used = np.arange(week - min(LEFT_OUT, week // 4))
    y, columns, now = series[used].astype(np.float64), _harmonics(used), _harmonics(np.array([week]))[0]
    if len(used) < 2 * YEAR - LEFT_OUT:
        columns, now = columns[:, :0], now[:0]
    found, ahead = fit_with_trend(columns, used.astype(np.float64), y, float(week), always=False)
    row, later = np.concatenate([ahead, now]), 1.0
    if len(ahead) > 1 and found.beta[1] > 0:
        gap = float(week - used[-1])
        row[1] -= gap
        later = 1 + float(found.beta[1]) * gap
    return _beyond(found, row, int(series[week]), alpha, plug_in=False, later=later)


def _harmonics(week: Int64) -> Floats:
    angle = 2 * np.pi * week / (365.2425 / 7)
    return np.column_stack([np.sin(angle), np.cos(angle)])


def _beyond(
    found: Fit, row: Floats, observed: int, alpha: float, *, plug_in: bool, later: float = 1.0
) -> Expected:
    """`plug_in`: the fitted mean is taken as it is, as the published method does; else its own error widens
    the distribution. `later`: what the mean is times that of `row`."""
    from scipy.stats import nbinom, poisson

    mu = float(np.exp(row @ found.beta)) * later
    phi = found.phi if plug_in else found.phi + mu * float(row @ found.covariance @ row)
    usual = nbinom(mu / (phi - 1), 1 / phi) if phi > 1 else poisson(mu)
    return Expected(mu, phi, float(usual.ppf(1 - alpha)), float(usual.sf(observed - 1)))
