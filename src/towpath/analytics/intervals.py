"""Intervals and tests for shares, and what selection does to them. Shares are counts `hits` of `size`.

Every function takes scalars or arrays that broadcast and returns float64. Sizes of 0 give nan.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from towpath.analytics.normal import half_width, two_sided

Floats = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """Lower and upper bound, float64, of the shape that the arguments broadcast to."""

    low: Floats
    high: Floats


def wilson(hits: npt.ArrayLike, size: npt.ArrayLike, level: npt.ArrayLike = 0.95) -> Interval:
    """Wilson's score interval of a share, without continuity correction (Wilson 1927).

    `level` is the confidence level in (0, 1). Raises ValueError for hits outside [0, size].
    """
    x, n = _counts(hits, size)
    z = _quantile(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / n
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At 0 and at all the bound is exactly 0 and 1; rounding would leave 1e-17 beside it.
    low = np.where(x == 0, np.minimum(p, 0.0), middle - half)
    high = np.where(x == n, np.maximum(p, 1.0), middle + half)
    return Interval(low, high)


def newcombe(
    hits: npt.ArrayLike,
    size: npt.ArrayLike,
    other_hits: npt.ArrayLike,
    other_size: npt.ArrayLike,
    level: npt.ArrayLike = 0.95,
) -> Interval:
    """Newcombe's hybrid score interval of a difference of independent shares, hits/size -
    other_hits/other_size.

    Method 10 of Newcombe (1998), Statistics in Medicine 17:873: the two Wilson intervals, without continuity
    correction, combined by their distances from the observed shares. Raises ValueError as `wilson`.
    """
    x, n = _counts(hits, size)
    y, m = _counts(other_hits, other_size)
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = x / n, y / m
    first, second = wilson(x, n, level), wilson(y, m, level)
    low = p - q - np.hypot(p - first.low, second.high - q)
    high = p - q + np.hypot(first.high - p, q - second.low)
    return Interval(low, high)


def score_test(
    hits: npt.ArrayLike, size: npt.ArrayLike, other_hits: npt.ArrayLike, other_size: npt.ArrayLike
) -> Floats:
    """Two-sided p-value for equal shares: the score test.

    z = (p - q) / sqrt(r (1 - r) (1/n + 1/m)), r the pooled share; z squared is Pearson's chi-squared of the 2
    x 2 table, without continuity correction. Where nobody or everybody was hit there is no evidence: p = 1.
    """
    x, n = _counts(hits, size)
    y, m = _counts(other_hits, other_size)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (x + y) / (n + m)
        spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        z = np.where(spread > 0, (x / n - y / m) / spread, x / n - y / m)
    return two_sided(z)


def false_discovery_q(p: npt.ArrayLike) -> Floats:
    """Benjamini-Hochberg q-values of one family of p-values (1-D, any order); nan is no member of the family.

    Benjamini and Hochberg (1995): selecting q <= 0.05 keeps the expected share of false discoveries at 5 %
    for independent or positively dependent tests. Raises ValueError for values outside [0, 1].
    """
    values = np.asarray(p, np.float64)
    if values.ndim != 1 or np.any((values < 0) | (values > 1)):
        raise ValueError("A family of p-values is one list of numbers between 0 and 1.")
    q = np.full(values.shape, np.nan)
    members = np.flatnonzero(~np.isnan(values))
    order = members[np.argsort(values[members], kind="stable")]
    raw = values[order] * len(order) / np.arange(1, len(order) + 1)
    q[order] = np.minimum(1.0, np.minimum.accumulate(raw[::-1])[::-1])
    return q


def selected_level(selected: int, family: int, q: float = 0.05) -> float:
    """Confidence level 1 - R q / m of intervals that are shown only because they were selected.

    With R selected of m by Benjamini-Hochberg at q, intervals of that level keep the expected share of
    selected intervals that miss their truth below q: the false coverage rate (Benjamini and Yekutieli 2005,
    JASA 100:71). Raises ValueError unless 1 <= selected <= family and 0 < q < 1.
    """
    if not (1 <= selected <= family and 0 < q < 1):
        raise ValueError(f"No level for {selected} selected of {family} at q {q}.")
    return 1 - selected * q / family


def _quantile(level: npt.ArrayLike) -> Floats:
    confidence = np.asarray(level, np.float64)
    if np.any(~((confidence > 0) & (confidence < 1))):
        raise ValueError(f"A confidence level lies between 0 and 1, not {level!r}.")
    return half_width(confidence)


def _counts(hits: npt.ArrayLike, size: npt.ArrayLike) -> tuple[Floats, Floats]:
    x, n = np.asarray(hits, np.float64), np.asarray(size, np.float64)
    if np.any(~((x >= 0) & (x <= n))):
        raise ValueError("A share counts hits between 0 and its size.")
    return x, n
