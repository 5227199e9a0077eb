# ruff: noqa: PLR0917 (compiled functions take their arguments by position)
"""One change in a series of daily counts: the likelihood ratio at every day, and its null distribution."""

from __future__ import annotations

import numpy as np

from towpath.analytics.kernels.compiling import Float64, Int64, kernel

TOP, AT, DISPERSION, CORRELATION = 0, 1, 2, 3
"""Places in `fitted`."""


@kernel
def _weekday_means(counts: Float64, exposure: Float64, weekday: Int64, adjust: bool, means: Float64) -> None:
    """Expected counts without a change; `means` adds up to the counts. A weekday's factor is drawn a little
    to 1 by one count, so that a weekday without any is not impossible."""
    rate = counts.sum() / exposure.sum()
    seen, due = np.ones(7), np.ones(7)
    if adjust:
        for t in range(counts.size):
            seen[weekday[t]] += counts[t]
            due[weekday[t]] += exposure[t] * rate
    total = 0.0
    for t in range(counts.size):
        means[t] = exposure[t] * rate * seen[weekday[t]] / due[weekday[t]]
        total += means[t]
    means *= counts.sum() / total


@kernel
def _running_median(rates: Float64, half: int, out: Float64) -> None:
    """Median of the up to 2 half + 1 days around each day; nan days are passed over."""
    window = np.empty(2 * half + 1)
    for t in range(rates.size):
        size = 0
        for near in range(max(0, t - half), min(rates.size, t + half + 1)):
            if not np.isnan(rates[near]):
                window[size] = rates[near]
                size += 1
        out[t] = np.median(window[:size]) if size > 0 else np.nan


@kernel
def even_out(counts: Float64, exposure: Float64, weekday: Int64, adjust: bool, half: int, far: float) -> None:
    """Set single days more than `far` robust standard deviations off the median of the days around them
    (weekdays evened out) to that median. Changes `counts` in place."""
    rates, due = np.full(counts.size, np.nan), np.empty(counts.size)
    factor = np.ones(7)
    for t in range(counts.size):
        if exposure[t] > 0:
            rates[t] = counts[t] / exposure[t]
    if adjust:
        middle = np.nanmedian(rates)
        for day in range(7):
            of_day = np.nanmedian(rates[weekday == day])
            if middle > 0 and of_day > 0:
                factor[day] = of_day / middle
    _running_median(rates / factor[weekday], half, due)
    due *= factor[weekday] * exposure
    scale = np.maximum(due, 1.0)
    squares = np.nanmedian((counts - due) ** 2 / scale)
    reach = far * np.sqrt(max(squares / 0.4549, 1.0) * scale)
    for t in range(counts.size):
        if abs(counts[t] - due[t]) > reach[t]:
            counts[t] = due[t]


@kernel
def fit_break(
    counts: Float64,
    exposure: Float64,
    weekday: Int64,
    adjust: bool,
    min_side: int,
    means: Float64,
    ratio: Float64,
    fitted: Float64,
) -> None:
    """Fill `means`, `ratio` (float64[days]: likelihood ratio of a change whose first day is t, 0 too near the
    ends) and `fitted`: the largest ratio, its day, dispersion and lag-1 correlation of Pearson residuals
    around the best change. Counts must hold something."""
    days = counts.size
    _weekday_means(counts, exposure, weekday, adjust, means)
    total, before, due, top, at = counts.sum(), 0.0, 0.0, -1.0, min_side
    level_one, level_two = 1.0, 1.0
    for t in range(days):
        ratio[t] = 0.0
        after, due_after = total - before, total - due
        if min_side <= t <= days - min_side and due > 1e-9 and due_after > 1e-9:
            value = before * np.log(before / due) if before > 0 else 0.0
            value += after * np.log(after / due_after) if after > 0 else 0.0
            ratio[t] = 2 * value
            if ratio[t] > top:
                top, at = ratio[t], t
                level_one, level_two = before / due, after / due_after
        before, due = before + counts[t], due + means[t]
    squares, products, last, used = 0.0, 0.0, 0.0, 0
    for t in range(days):
        mean = means[t] * (level_one if t < at else level_two)
        residual = (counts[t] - mean) / np.sqrt(mean) if mean > 1e-9 else 0.0
        used += mean > 1e-9
        squares, products, last = squares + residual * residual, products + residual * last, residual
    free = used - (9 if adjust else 3)
    fitted[TOP], fitted[AT] = max(top, 0.0), at
    fitted[DISPERSION] = squares / free if free > 0 else 1.0
    fitted[CORRELATION] = products / squares if squares > 0 else 0.0


@kernel
def corrected(correlation: float, seen: Float64, used: Float64) -> float:
    """The correlation to use where `correlation` is estimated: between `seen` (ascending) and `used`, linear,
    constant beyond their ends."""
    last = seen.size - 1
    at = min(max(int(np.searchsorted(seen, correlation)), 1), last)
    part = (correlation - seen[at - 1]) / (seen[at] - seen[at - 1])
    return float(used[at - 1] + min(max(part, 0.0), 1.0) * (used[at] - used[at - 1]))


@kernel
def long_run(dispersion: float, correlation: float) -> float:
    """Variance of a long sum over that of a Poisson sum: at least 1."""
    return max(dispersion, 1.0) * (1 + correlation) / (1 - correlation)


@kernel
def draw_counts(means: Float64, dispersion: float, correlation: float, counts: Float64) -> None:
    """Counts with these means, variance dispersion x mean and an AR(1) course: gamma quantiles (Wilson and
    Hilferty 1931) of a normal AR(1), not rounded."""
    fresh = np.sqrt(1 - correlation * correlation)
    z = np.random.normal()
    for t in range(means.size):
        if t > 0:
            z = correlation * z + fresh * np.random.normal()
        if means[t] <= 0:
            counts[t] = 0.0
            continue
        shape = means[t] / dispersion
        root = 1 - 1 / (9 * shape) + z / (3 * np.sqrt(shape))
        counts[t] = dispersion * shape * root**3 if root > 0 else 0.0


@kernel
def null_tops(
    seed: int,
    observed: float,
    enough: int,
    means: Float64,
    exposure: Float64,
    weekday: Int64,
    adjust: bool,
    min_side: int,
    dispersion: float,
    correlation: float,
    seen: Float64,
    used: Float64,
    tops: Float64,
) -> int:
    """Fill `tops` with the largest ratio over its long-run variance of series without a change, each
    estimated like the real one. Returns how many: it stops once `enough` of them reach `observed`."""
    np.random.seed(seed)
    counts, scratch, ratio, fitted = (
        np.empty(means.size),
        np.empty(means.size),
        np.empty(means.size),
        np.empty(4),
    )
    reached = 0
    for i in range(tops.size):
        draw_counts(means, dispersion, correlation, counts)
        tops[i] = 0.0
        if counts.sum() > 0:
            fit_break(counts, exposure, weekday, adjust, min_side, scratch, ratio, fitted)
            rho = corrected(fitted[CORRELATION], seen, used)
            tops[i] = fitted[TOP] / long_run(fitted[DISPERSION], rho)
        reached += tops[i] >= observed
        if reached >= enough:
            return i + 1
    return tops.size


@kernel
def seen_correlations(
    seed: int, true: float, exposure: Float64, weekday: Int64, adjust: bool, min_side: int, out: Float64
) -> None:
    """Fill `out` with estimates of the lag-1 correlation from series of large counts that have the
    correlation `true` and no change."""
    np.random.seed(seed)
    counts, scratch, ratio, fitted = (
        np.empty(exposure.size),
        np.empty(exposure.size),
        np.empty(exposure.size),
        np.empty(4),
    )
    for i in range(out.size):
        draw_counts(exposure, 2.0, true, counts)
        fit_break(counts, exposure, weekday, adjust, min_side, scratch, ratio, fitted)
        out[i] = fitted[CORRELATION]
