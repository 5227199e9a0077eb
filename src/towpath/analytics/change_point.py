"""One change in the rate of daily counts: when, from what to what, and could it be chance.

Model: bad of a day ~ attempts x rate x factor of its weekday, variance dispersion x mean, AR(1) from day to
day. Weekday factors are estimated without a change (from three weeks on), one rate before and one after; the
likelihood ratio is largest at the day of the change, and at least `min_side` days lie on each side.
Dispersion and correlation come from residuals around the best change, so that a change is not taken for
noise; the correlation is corrected for what fitting a change takes away from it (by simulation).

What a change takes for correlation in a short series nobody can tell: estimates are drawn towards 0.2 as far
as their error demands. Measured: p below 0.05 in 3 to 7 % of 84-day series without a change (correlation 0 to
0.5), in 3 to 6 % of 28-day series with none, but in 11 to 17 % of those with 0.3 to 0.5.

A single bad day is an incident, not a change: a day more than 5 robust standard deviations off the median of
the week around it is first set to that median, for the rates too.

p: parametric bootstrap of the largest ratio, over its long-run variance, of series without a change; each
replicate is estimated like the real series. It stops early once `STOP` replicates reach the observed value
(Besag and Clifford 1991); beyond the reach of the replicates the tail is continued as exponential, fitted to
their upper tenth.

Interval of the day: likelihood set, all days whose ratio is less than 7.352 long-run variances below the
best, which is the 95 % point of the limit distribution (1 - exp(-x/2))^2 (Yao 1987; Hansen 2000). Intervals
of rates: normal on the log scale, given the day; they do not know that the day was chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from towpath.analytics.kernels import breaks
from towpath.analytics.kernels.blocks import in_threads
from towpath.analytics.kernels.compiling import read_only
from towpath.analytics.normal import Z95

MIN_SIDE = 5
MIN_BAD = 10
"""Series with fewer bad ones in all are too little data."""

_FAR, _HALF_WEEK = 5.0, 3

ADJUST_FROM = 21
"""Weekday factors are estimated from that many days on."""

STOP = 25
_SET_95 = -2 * float(np.log(1 - np.sqrt(0.95)))
_TRUE = read_only(np.linspace(0.0, 0.8, 9), np.float64)
_USUAL, _USUAL_SPREAD = 0.2, 0.2
_SIMULATIONS = 400

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """The best change of one series. `day`: index of the first day at the new rate, within `low` to `high`
    (95 %). `before`, `after`: bad per attempt (per day without attempts), weekdays evened out, with 95 %
    intervals. `dispersion` and `correlation` of days. With `too_little` data (fewer than 2 x min_side days or
    MIN_BAD bad ones) all else is None; p None is no member of a family."""

    too_little: bool
    day: int | None = None
    low: int | None = None
    high: int | None = None
    before: float | None = None
    before_low: float | None = None
    before_high: float | None = None
    after: float | None = None
    after_low: float | None = None
    after_high: float | None = None
    p: float | None = None
    dispersion: float | None = None
    correlation: float | None = None


def change_point(
    bad: npt.ArrayLike,
    attempts: npt.ArrayLike | None,
    weekday: npt.ArrayLike,
    *,
    min_side: int = MIN_SIDE,
    replicates: int = 400,
    seed: int = 0,
) -> Change:
    """The change of one series; arguments as of `change_points`, of one series."""
    one = None if attempts is None else np.asarray(attempts, np.float64)[None]
    counts = np.asarray(bad, np.float64)[None]
    return change_points(counts, one, weekday, min_side=min_side, replicates=replicates, seed=seed)[0]


def change_points(
    bad: npt.ArrayLike,
    attempts: npt.ArrayLike | None,
    weekday: npt.ArrayLike,
    *,
    min_side: int = MIN_SIDE,
    replicates: int = 400,
    seed: int = 0,
) -> list[Change]:
    """The best change of each series: `bad` numbers[series, days] of `attempts` [series, days] (None = counts
    alone), days without a gap, `weekday` int[days] from 0 to 6.

    A series gives the same answer alone and among others. Raises ValueError for tables of different sizes,
    counts that are negative or above their attempts, weekdays that are none, and min_side or replicates that
    are too small (2, 99).
    """
    counts, exposure, week = _checked(bad, attempts, weekday)
    if min_side < 2 or replicates < 99:
        raise ValueError("A change point needs 2 days a side or more, and 99 replicates or more.")
    days = counts.shape[1]
    if days < 2 * min_side:
        return [Change(True)] * len(counts)
    design = _Design(week, days >= ADJUST_FROM, min_side, replicates, seed, attempts is not None)
    return in_threads(lambda i: _one(counts[i], exposure[i], design), list(range(len(counts))))


@dataclass(frozen=True, eq=False)
class _Design:
    weekday: Ints
    adjust: bool
    min_side: int
    replicates: int
    seed: int
    shares: bool


def _checked(
    bad: npt.ArrayLike, attempts: npt.ArrayLike | None, weekday: npt.ArrayLike
) -> tuple[Floats, Floats, Ints]:
    counts = np.asarray(bad, np.float64)
    exposure = np.ones_like(counts) if attempts is None else np.asarray(attempts, np.float64)
    week = np.asarray(weekday, np.int64)
    if counts.ndim != 2 or exposure.shape != counts.shape or week.shape != counts.shape[1:]:
        raise ValueError("Bad and attempts are tables [series, days] of one size; weekdays a list of days.")
    if np.any(~np.isfinite(counts) | (counts < 0)) or np.any(~np.isfinite(exposure) | (exposure < 0)):
        raise ValueError("Bad ones and attempts are finite counts from 0 on.")
    if attempts is not None and np.any(counts > exposure):
        raise ValueError("There are more bad ones than attempts.")
    if np.any((week < 0) | (week > 6)):
        raise ValueError("Weekdays are numbered from 0 to 6.")
    return counts, exposure, week


def _one(counts: Floats, exposure: Floats, design: _Design) -> Change:
    total = float(counts.sum())
    if total < MIN_BAD:
        return Change(True)
    # A share's variance is 1 - p times Poisson's; counts divided by that are Poisson's again.
    thin = 1 - total / float(exposure.sum()) if design.shares else 1.0
    thin = max(thin, 0.05)
    week, of = read_only(design.weekday, np.int64), read_only(exposure, np.float64)
    fixed = (of, week, design.adjust, design.min_side)
    series = counts / thin
    breaks.even_out(series, of, week, design.adjust, min(_HALF_WEEK, design.min_side - 1), _FAR)
    means, ratio, fitted = np.empty_like(counts), np.empty_like(counts), np.empty(4)
    breaks.fit_break(read_only(series, np.float64), *fixed, means, ratio, fitted)
    seen, used = _seen(tuple(design.weekday.tolist()), design.adjust, design.min_side)
    dispersion = max(float(fitted[breaks.DISPERSION]), 1.0)
    correlation = breaks.corrected(float(fitted[breaks.CORRELATION]), seen, used)
    variance = float(breaks.long_run(dispersion, correlation))
    observed = float(fitted[breaks.TOP]) / variance
    tops = np.empty(design.replicates)
    null = read_only(means, np.float64)
    drawn = breaks.null_tops(
        design.seed, observed, STOP, null, *fixed, dispersion, correlation, seen, used, tops
    )
    p = _chance(observed, tops[:drawn], drawn < design.replicates, len(counts))
    at = int(fitted[breaks.AT])
    near = np.flatnonzero(ratio > fitted[breaks.TOP] - _SET_95 * variance)
    near = near[(near >= design.min_side) & (near <= len(counts) - design.min_side)]
    levels = _levels(series * thin, exposure, means * thin, at, variance * thin, shares=design.shares)
    return Change(False, at, int(near[0]), int(near[-1]), *levels, p, dispersion, correlation)


def _levels(
    counts: Floats, exposure: Floats, means: Floats, at: int, variance: float, *, shares: bool
) -> tuple[float, float, float, float, float, float]:
    """Rates before and after with intervals: the overall rate times seen over expected of each side."""
    rate = float(counts.sum() / exposure.sum())
    found: list[float] = []
    for side in (slice(0, at), slice(at, None)):
        seen, due = float(counts[side].sum()), float(means[side].sum())
        level = rate * seen / due if due > 0 else 0.0
        # Nothing seen has a bound all the same: half a count stands for it.
        spread = float(np.exp(Z95 * np.sqrt(variance / max(seen, 0.5))))
        high = max(level, rate * 0.5 / due if due > 0 else rate) * spread
        found += [level, level / spread, min(high, 1.0) if shares else high]
    return found[0], found[1], found[2], found[3], found[4], found[5]


def _chance(observed: float, tops: Floats, stopped: bool, days: int) -> float:
    """p-value of the observed top among those without a change."""
    reached = int(np.count_nonzero(tops >= observed))
    if stopped:
        return reached / len(tops)
    if reached >= 10:
        return (reached + 1) / (len(tops) + 1)
    # A ratio over an estimated variance has a power tail; its logarithm has the exponential one.
    tail, own = np.sort(np.log1p(tops / days)), float(np.log1p(observed / days))
    upper = tail[-max(10, len(tail) // 10) :]
    over = own - float(upper[0])
    scale = float(np.mean(upper - upper[0])) * len(upper) / (len(upper) - 1)
    if over <= 0 or scale <= 0:
        return (reached + 1) / (len(tops) + 1)
    return float(len(upper) / len(tail) * np.exp(-over / scale))


@lru_cache(maxsize=64)
def _seen(weekday: tuple[int, ...], adjust: bool, min_side: int) -> tuple[Floats, Floats]:
    """Estimated correlations on days such as these (ascending float64[9]), and what to use for each
    (float64[9]).

    An estimate is corrected by its mean for each of `_TRUE`, then drawn to `_USUAL` as far as its standard
    error there demands (normal prior): a month says little of correlation, and taking 0 where it is not would
    see changes in every wave.
    """
    exposure = read_only(np.full(len(weekday), 200.0), np.float64)
    week, out, found = read_only(weekday, np.int64), np.empty(_SIMULATIONS), []
    for true in _TRUE.tolist():
        breaks.seen_correlations(1, true, exposure, week, adjust, min_side, out)
        found.append((float(out.mean()), float(out.std())))
    means, spread = np.array(found).T
    # Rises by at least a hair: at high correlations of short series the means can stand still.
    means = np.maximum.accumulate(means) + 1e-6 * np.arange(len(means))
    error = float(np.median(spread) * (_TRUE[-1] - _TRUE[0]) / (means[-1] - means[0]))
    used = _USUAL + (_TRUE - _USUAL) * _USUAL_SPREAD**2 / (_USUAL_SPREAD**2 + error**2)
    return read_only(means, np.float64), read_only(used, np.float64)
