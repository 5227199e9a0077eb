"""More than expected: one-sided tests of rare counts against another period, a rest, or a tolerated share.

Counts of rare things are far from normal, and a family of thousands of tests lives in the tail. Given the
total of two counts, the first is binomial (the conditional test of Przyborowski and Wilenski 1940); a
dispersion above 1 divides all counts by it, and the incomplete beta function takes what is no whole number
then.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def above_other(
    bad: npt.ArrayLike,
    size: npt.ArrayLike,
    other_bad: npt.ArrayLike,
    other_size: npt.ArrayLike,
    *,
    dispersion: npt.ArrayLike = 1.0,
    times: float = 1.0,
    plus: npt.ArrayLike = 0.0,
) -> Floats:
    """P-value of H0: the rate of `bad` in `size` is at most `times` the other's rate plus `plus`.

    Arrays that broadcast; nan where one of the sizes is 0. Conservative (no mid-p).
    """
    from scipy.special import betainc  # here, as loading it takes longer than most commands

    x, n, y, m, phi = (
        np.asarray(values, np.float64) for values in (bad, size, other_bad, other_size, dispersion)
    )
    reference = y + np.asarray(plus, np.float64) / times * m
    with np.errstate(divide="ignore", invalid="ignore"):
        share = n * times / (n * times + m)
        p = betainc(np.maximum(x / phi, 1e-300), reference / phi + 1.0, share)
    return np.where((n > 0) & (m > 0), np.where(x > 0, p, 1.0), np.nan)


def above_share(
    bad: npt.ArrayLike, size: npt.ArrayLike, share: npt.ArrayLike, *, dispersion: npt.ArrayLike = 1.0
) -> Floats:
    """P-value of H0: the rate of `bad` in `size` is at most `share`; nan where the size is 0."""
    from scipy.special import betainc

    x, n, phi = (np.asarray(values, np.float64) for values in (bad, size, dispersion))
    p = betainc(
        np.maximum(x / phi, 1e-300), np.maximum(n - x, 0.0) / phi + 1.0, np.asarray(share, np.float64)
    )
    return np.where(n > 0, np.where(x > 0, p, 1.0), np.nan)


def dispersion(bad: npt.ArrayLike, size: npt.ArrayLike, block: int = 7) -> Floats:
    """How much more daily counts vary than independent ones, float64[series], at least 1.

    `bad` of `size`: numbers[series, days]. The larger of two: days within blocks of `block` days, and blocks
    against the one before. Each leaves out the most unusual: one bad week, or a rate that changed once and
    stayed, is not taken for how weeks usually are.
    """
    x, n = (np.atleast_2d(np.asarray(values, np.float64)) for values in (bad, size))
    blocks = x.shape[1] // block
    if blocks < 3:
        return np.ones(len(x))
    x, n = (values[:, -blocks * block :].reshape(len(x), blocks, block) for values in (x, n))
    within = _pearson(x, n, axis=2)
    active = np.maximum((n > 0).sum(axis=2) - 1, 0).astype(np.float64)
    by_day = _without_largest(within, active)
    weekly_x, weekly_n = x.sum(axis=2), n.sum(axis=2)
    by_block = _without_largest(*_steps(weekly_x, weekly_n))
    return np.maximum(1.0, np.maximum(by_day, by_block))


def _terms(x: Floats, n: Floats) -> Floats:
    """Squared Pearson residuals of each place against the common rate of its row."""
    total = n.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(total > 0, x.sum(axis=-1, keepdims=True) / total, 0.0)
        variance = n * rate * (1 - rate)
        terms = np.where(variance > 0, (x - n * rate) ** 2 / variance, 0.0)
    return np.asarray(terms, np.float64)


def _steps(x: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Squared standardised differences between neighbouring places, float64[series, places - 1], and which of
    them count."""
    n0, n1, x0, x1 = n[:, :-1], n[:, 1:], x[:, :-1], x[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (x0 + x1) / (n0 + n1)
        variance = pooled * (1 - pooled) * (1 / n0 + 1 / n1)
        squares = (x1 / n1 - x0 / n0) ** 2 / variance
    counts = (n0 > 0) & (n1 > 0) & (variance > 0)
    return np.where(counts, squares, 0.0), counts.astype(np.float64)


def _pearson(x: Floats, n: Floats, axis: int) -> Floats:
    return np.asarray(_terms(x, n).sum(axis=axis), np.float64)


def _without_largest(squares: Floats, freedom: Floats) -> Floats:
    """Sum of squares over degrees of freedom, the largest ratio left out."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(freedom > 0, squares / freedom, -1.0)
    worst = np.argmax(ratio, axis=1)
    kept = np.ones_like(ratio, np.bool_)
    kept[np.arange(len(kept)), worst] = False
    total = np.sum(freedom * kept, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(total > 0, np.sum(squares * kept, axis=1) / total, 1.0)
    return np.asarray(found, np.float64)
