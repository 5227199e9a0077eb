"""Expected arrivals, and how many are missing: a total outage leaves no events, so it must be seen in what is
not there.

Baseline: the mean of the same slot (weekday, or hour of the week) over the preceding 4 to 8 weeks, without a
trend. Cells of an earlier outage or rush are left out: those further than 3.5 robust standard deviations from
their slot's median (so fewer than half of the weeks may be broken in any slot). A count varies by its mean +
a mean + b mean^2, a and b from 0 on, estimated over all slots together; what varies beyond chance
correlates as AR(1) from slot to slot.

Holidays are not known here: a holiday looks like an outage. Say so beside the figure, or leave such days out.

Intervals are 95 % prediction intervals of what would have come, minus what came: negative binomial with the
baseline's uncertainty added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from towpath.analytics.loss import Range
from towpath.analytics.normal import Z95

MIN_WEEKS = 4
MAX_WEEKS = 8
MIN_MEAN = 0.5
"""Fewer expected arrivals a slot, on average over all slots, are too little data: nothing could be missed."""

_FAR = 3.5
_SQUARE_MEDIAN = {4: 0.2362, 5: 0.2407, 6: 0.2785, 7: 0.3044, 8: 0.3171}
"""Median squared distance of normal values from their own median, by how many there are (by simulation)."""

_TAIL = 0.025

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Expected:
    """Arrivals expected in each slot of a week. `mean`, `variance` float64[slots], of a new count, the
    uncertainty of the mean included; nan where a slot has fewer than MIN_WEEKS known weeks. `weeks`
    int64[slots]: how many weeks carry each mean. `left_out` bool[weeks, slots]: cells taken for outages or
    rushes. `beyond_chance` float64[slots]: share of the variance beyond Poisson's; `correlation`: of that
    part between neighbouring slots. `too_little`: nothing can be said, all means are nan."""

    mean: Floats
    variance: Floats
    weeks: Ints
    left_out: Bools
    beyond_chance: Floats
    correlation: float
    too_little: bool


@dataclass(frozen=True, eq=False)
class Missing:
    """Expected minus actual arrivals of each of n slots (below 0: more came than expected), float64[n] with
    their intervals; `p`: chance of so few arrivals or fewer, one-sided. `total` and `total_p`: of all n
    together. Slots without a baseline are nan and not in the total; `total` is None if none has one."""

    estimate: Floats
    low: Floats
    high: Floats
    p: Floats
    total: Range | None
    total_p: float | None


def in_weeks(counts: npt.ArrayLike, slots: int) -> Floats:
    """Counts in order of time (the last one directly before what is to be judged) as float64[weeks, slots],
    the last MAX_WEEKS whole weeks; slot 0 is the slot that comes next. `slots`: 7 for days, 168 for hours."""
    series = np.asarray(counts, np.float64)
    if series.ndim != 1 or slots < 1:
        raise ValueError("Counts are one list in order of time, a week has at least one slot.")
    weeks = min(len(series) // slots, MAX_WEEKS)
    return series[len(series) - weeks * slots :].reshape(weeks, slots)


def expected(history: npt.ArrayLike) -> Expected:
    """The baseline from counts[weeks, slots], oldest week first; nan = not known (the source was not there).
    Only the last MAX_WEEKS weeks are used. Raises ValueError for counts below 0."""
    counts = np.asarray(history, np.float64)
    if counts.ndim != 2 or np.any(counts < 0) or np.any(np.isinf(counts)):
        raise ValueError("History is a table [weeks, slots] of counts from 0 on, nan where not known.")
    counts = counts[-MAX_WEEKS:]
    slots = counts.shape[1]
    known = ~np.isnan(counts)
    enough = known.sum(axis=0) >= MIN_WEEKS
    if not enough.any() or np.mean(counts[:, enough][known[:, enough]]) < MIN_MEAN:
        none = np.full(slots, np.nan)
        return Expected(none, none, known.sum(axis=0), np.zeros_like(known), none, 0.0, True)
    left_out = np.zeros_like(known)
    left_out[:, enough] = _far(counts[:, enough])
    used = known & ~left_out & enough
    weeks = used.sum(axis=0)
    mean = np.where(used, counts, 0.0).sum(axis=0) / np.maximum(weeks, 1)
    residual = np.where(used, counts - mean, 0.0)
    spread = _variance(residual, used, mean)
    beyond = 1 - np.minimum(mean / spread, 1.0)
    correlation = _correlation(residual / np.sqrt(spread), beyond, used)
    # A mean of few counts is itself uncertain by its share of their variance.
    variance = spread * (1 + 1 / np.maximum(weeks, 1)) * _stretch(int(used.sum() - enough.sum()))
    blank = ~enough
    mean[blank], variance[blank] = np.nan, np.nan
    return Expected(mean, variance, weeks, left_out, beyond, correlation, False)


def missing(baseline: Expected, actual: npt.ArrayLike, first_slot: int = 0) -> Missing:
    """What is missing in `actual` counts[n], slots that follow one another from `first_slot` on (Monday's
    first hour follows Sunday's last). Raises ValueError for counts below 0 and a slot that is none."""
    counts, slots = np.asarray(actual, np.float64), len(baseline.mean)
    if counts.ndim != 1 or np.any(~np.isfinite(counts) | (counts < 0)):
        raise ValueError("Actual arrivals are one list of counts from 0 on.")
    if not 0 <= first_slot < slots:
        raise ValueError(f"The week has slots 0 to {slots - 1}, not {first_slot}.")
    at = (first_slot + np.arange(len(counts))) % slots
    mean, variance = baseline.mean[at], baseline.variance[at]
    low, high = _predicted(mean, variance)
    total, chance = _total(
        counts, mean, variance, variance * baseline.beyond_chance[at], baseline.correlation
    )
    return Missing(
        mean - counts, low - counts, high - counts, _at_most(counts, mean, variance), total, chance
    )


def _far(counts: Floats) -> Bools:
    """Cells too far from their slot's median for the spread that most cells have."""
    middle = np.nanmedian(counts, axis=0)
    usual = _SQUARE_MEDIAN[int(np.median(np.sum(~np.isnan(counts), axis=0)))]
    squares = (counts - middle) ** 2
    scale = np.maximum(middle, 1.0)
    large = middle >= np.median(middle)
    # Small slots vary like counts, large ones in proportion; the wider of the two takes less for an outage.
    like_counts = max(1.0, float(np.nanmedian(squares / scale)) / usual)
    in_proportion = float(np.nanmedian((squares / scale**2)[:, large])) / usual
    spread = np.maximum(like_counts * scale, in_proportion * scale**2)
    return np.asarray(squares > _FAR**2 * spread, np.bool_)


def _variance(residual: Floats, used: Bools, mean: Floats) -> Floats:
    """mean + a mean + b mean^2 of each slot, with a and b from 0 on: weighted least squares on the
    squares."""
    from scipy.optimize import nnls  # here, as loading it takes longer than most commands

    weeks = used.sum(axis=0)
    fit = (weeks > 1) & (mean > 0)
    of = mean[fit]
    squares = np.sum(residual[:, fit] ** 2, axis=0) / (weeks[fit] - 1)
    parts = np.stack([of, of**2], axis=1)
    found, spread = np.zeros(2), of
    for _ in range(5):
        weight = np.sqrt(weeks[fit] - 1) / spread
        found = nnls(parts * weight[:, None], (squares - of) * weight)[0]
        spread = of + parts @ found
    spread = mean * (1 + found[0]) + found[1] * mean**2
    return np.asarray(np.maximum(spread, 1e-9), np.float64)


def _stretch(free: int) -> float:
    """(t / z)^2: what estimating the variance from few counts adds to it."""
    from scipy.special import stdtrit

    return float((stdtrit(max(free, 1), 1 - _TAIL) / Z95) ** 2)


def _correlation(residual: Floats, beyond: Floats, used: Bools) -> float:
    """Of what varies beyond chance, between neighbours in time, both used; from 0 to 0.95."""
    flat, there = residual.reshape(-1), used.reshape(-1)
    part = np.sqrt(np.tile(beyond, len(used)))
    both = there[1:] & there[:-1]
    possible = float(np.sum((part[1:] * part[:-1])[both]))
    products = float(np.sum((flat[1:] * flat[:-1])[both]))
    return min(max(products / possible, 0.0), 0.95) if possible > 0 else 0.0


def _predicted(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """95 % interval of a count: gamma quantiles of its mean and variance, outward to whole numbers."""
    from scipy.special import gammaincinv

    mean = np.maximum(mean, 1e-9)
    shape, scale = mean**2 / variance, variance / mean
    low = np.floor(gammaincinv(shape, _TAIL) * scale)
    return low, np.ceil(gammaincinv(shape, 1 - _TAIL) * scale)


def _at_most(counts: Floats, mean: Floats, variance: Floats) -> Floats:
    """Chance of that many or fewer: negative binomial of this mean and variance."""
    from scipy.special import betainc

    mean = np.maximum(mean, 1e-9)
    size = mean**2 / np.maximum(variance - mean, 1e-9 * mean)
    return np.asarray(betainc(size, np.floor(counts) + 1, size / (size + mean)), np.float64)


def _total(
    counts: Floats, mean: Floats, variance: Floats, beyond: Floats, correlation: float
) -> tuple[Range | None, float | None]:
    there = np.flatnonzero(~np.isnan(mean))
    if not len(there):
        return None, None
    error = np.sqrt(beyond[there])
    apart = np.abs(there[:, None] - there[None, :])
    shared = error @ (correlation**apart) @ error
    together = np.array([shared + np.sum(variance[there] - beyond[there])])
    due, came = np.array([mean[there].sum()]), np.array([counts[there].sum()])
    low, high = _predicted(due, together)
    chance = float(_at_most(came, due, together)[0])
    seen = float(came[0])
    return Range(float(due[0]) - seen, float(low[0]) - seen, float(high[0]) - seen), chance
