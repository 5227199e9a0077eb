"""Contrasts: how much worse a part is than the rest, and which description of the trouble is the smallest.

A part is a segment, an hour band, a component or a version; the rest is everything else at the same step.
Excess = a - n1 c / n0: bad ones of the part beyond what the rest's share would have made of it.

Attempts of one day or hour share their fate, so that counts vary more than independent ones. The design
effect says how much: the variance of the difference of shares over blocks of time (cluster-robust) over the
binomial one. Newcombe's interval and the score test run on sizes divided by it, with Student's t for the
number of blocks.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from towpath.analytics.intervals import newcombe, score_test
from towpath.analytics.normal import Z95, half_width
from towpath.analytics.segments import MIN_EXPECTED, MIN_SIZE
from towpath.analytics.strata import mantel_haenszel, standardised_to_exposed

MIN_BLOCKS = 5
"""With fewer blocks of time the design effect cannot be estimated: too little data."""

CHI_95 = Z95**2

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Contrasts:
    """k parts, each against its rest. Counts float64[k]: `bad` of `size` in the part, `rest_bad` of
    `rest_size`. `difference` of shares (part minus rest) and `excess` = difference times size, in units of
    the counts, with their intervals; `design_effect` at least 1; `p` two-sided. Where `too_little` (bool[k])
    everything but counts is nan, so that it is no member of a family."""

    bad: Floats
    size: Floats
    rest_bad: Floats
    rest_size: Floats
    difference: Floats
    excess: Floats
    low: Floats
    high: Floats
    p: Floats
    design_effect: Floats
    too_little: Bools


def contrast(
    bad: npt.ArrayLike,
    size: npt.ArrayLike,
    all_bad: npt.ArrayLike,
    all_size: npt.ArrayLike,
    level: float = 0.95,
) -> Contrasts:
    """Each of k parts against its rest: `bad` of `size`, numbers[k, blocks], within `all_bad` of `all_size`,
    numbers[blocks] or [k, blocks]; blocks are the days or hours.

    Too little data: a part or its rest below MIN_SIZE, a cell expected to hold fewer than MIN_EXPECTED, or
    fewer than MIN_BLOCKS blocks with both part and rest. Raises ValueError for counts that are no parts of
    each other.
    """
    a, n1 = (np.atleast_2d(np.asarray(counts, np.float64)) for counts in (bad, size))
    c, n0 = np.asarray(all_bad, np.float64) - a, np.asarray(all_size, np.float64) - n1
    if a.shape != n1.shape or c.shape != a.shape or n0.shape != a.shape:
        raise ValueError("Counts of parts are tables [parts, blocks], those of all are lists of blocks.")
    if np.any((a < 0) | (a > n1) | (c < 0) | (c > n0) | ~np.isfinite(n1 + n0)):
        raise ValueError("Bad ones are part of their size, and a part is part of all, in every block.")
    totals = a.sum(axis=1), n1.sum(axis=1), c.sum(axis=1), n0.sum(axis=1)
    blocks = np.sum((n1 > 0) & (n0 > 0), axis=1)
    little = _too_little(*totals) | (blocks < MIN_BLOCKS)
    effect = np.where(little, 1.0, _design_effect(a, n1, c, n0))
    return _contrasts(totals, effect, effect * _stretch(blocks, level), little, level)


def _contrasts(
    totals: tuple[Floats, Floats, Floats, Floats],
    effect: Floats,
    divisor: Floats,
    little: Bools,
    level: float,
) -> Contrasts:
    a, n1, c, n0 = totals
    bad, size, rest_bad, rest_size = (counts / divisor for counts in totals)
    bounds = newcombe(bad, size, rest_bad, rest_size, level)
    p = score_test(bad, size, rest_bad, rest_size)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = a / n1 - c / n0

    def known(values: Floats) -> Floats:
        return np.where(little, np.nan, values)

    return Contrasts(
        *totals,
        difference=known(difference),
        excess=known(difference * n1),
        low=known(bounds.low * n1),
        high=known(bounds.high * n1),
        p=known(p),
        design_effect=known(effect),
        too_little=little,
    )


def _design_effect(a: Floats, n1: Floats, c: Floats, n0: Floats) -> Floats:
    """Cluster-robust variance of the difference of shares, blocks as clusters, over the binomial one; at
    least 1."""
    size, rest = n1.sum(axis=1, keepdims=True), n0.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = a.sum(axis=1, keepdims=True) / size, c.sum(axis=1, keepdims=True) / rest
        part = (a - p * n1) / size - (c - q * n0) / rest
        used = np.sum((n1 > 0) | (n0 > 0), axis=1)
        robust = used / (used - 1) * np.sum(part**2, axis=1)
        binomial = (p * (1 - p) / size + q * (1 - q) / rest)[:, 0]
        ratio = robust / binomial
    return np.where(np.isfinite(ratio), np.maximum(ratio, 1.0), 1.0)


def _stretch(blocks: Ints, level: float) -> Floats:
    """(t / z)^2 for the number of blocks: what the design effect's own uncertainty adds to a variance."""
    from scipy import special  # here, as loading it takes longer than most commands

    quantile = special.stdtrit(np.maximum(blocks - 1, 1).astype(np.float64), (1 + level) / 2)
    return np.asarray((quantile / half_width(level)) ** 2, np.float64)


def _too_little(a: Floats, n1: Floats, c: Floats, n0: Floats) -> Bools:
    smaller, total = np.minimum(n1, n0), n1 + n0
    rarer = np.minimum(a + c, total - a - c)
    return (smaller < MIN_SIZE) | (smaller * rarer < MIN_EXPECTED * total)


@dataclass(frozen=True)
class Standardised:
    """One part against the rest among their like. `excess` over the strata that hold both, with its interval;
    `covered`: share of the part that lies in those strata; `p`: Mantel-Haenszel. All but `covered` are None
    where no stratum holds both."""

    covered: float
    excess: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


def standardised(
    bad: npt.ArrayLike,
    size: npt.ArrayLike,
    rest_bad: npt.ArrayLike,
    rest_size: npt.ArrayLike,
    *,
    design_effect: float = 1.0,
    level: float = 0.95,
) -> Standardised:
    """The excess standardised to the part over strata (numbers[strata] each), so that a part is not called
    bad for its hours or channels.

    `design_effect`: of the same part, from `contrast`; it multiplies the variances. Raises ValueError as
    `contrast`.
    """
    a, n1, c, n0 = (np.asarray(counts, np.float64) for counts in (bad, size, rest_bad, rest_size))
    if any(counts.shape != a.shape or counts.ndim != 1 for counts in (a, n1, c, n0)):
        raise ValueError("Counts by stratum must be lists of one length.")
    if np.any((a < 0) | (a > n1) | (c < 0) | (c > n0)) or design_effect < 1:
        raise ValueError("Bad ones are part of their size, and a design effect is at least 1.")
    both = (n1 > 0) & (n0 > 0)
    covered = float(n1[both].sum() / n1.sum()) if n1.sum() else 0.0
    if not both.any():
        return Standardised(covered)
    a, n1, c, n0 = a[both], n1[both], c[both], n0[both]
    excess = float(standardised_to_exposed(a, n1, c, n0).sum())
    p, q = (a + 0.5) / (n1 + 1), (c + 0.5) / (n0 + 1)
    error = np.sqrt(design_effect * np.sum(n1 * p * (1 - p) + n1**2 * q * (1 - q) / n0))
    half = float(half_width(level) * error)
    test = mantel_haenszel(*(counts / design_effect for counts in (a, n1, c, n0)))
    return Standardised(covered, excess, excess - half, excess + half, test.p)


@dataclass(frozen=True, eq=False)
class Cells:
    """Counts of all combinations of values. `dimensions`: names, the ones preferred in a tie first
    (component, version, ... channel); `codes` int64[cells, dimensions], -1 = not known; `bad` of `size`
    float64[cells]. `usual` float64[cells]: bad ones that each cell would usually have (from weeks before), or
    None where every attempt is taken to be alike."""

    dimensions: tuple[str, ...]
    codes: Ints
    bad: Floats
    size: Floats
    usual: Floats | None = None


@dataclass(frozen=True)
class Condition:
    dimension: str
    value: int


@dataclass(frozen=True)
class Explanation:
    """The cells that meet all `conditions` (one or two) hold the trouble. `excess` with 95 % interval: bad
    ones beyond what the cells outside would have made of it. `share_of_bad`: part of all bad ones that lies
    inside. `gain`: log-likelihood ratio over the design effect. `alike`: other descriptions of the same
    length that the data cannot tell from this one (gain less by under 3.84)."""

    conditions: tuple[Condition, ...]
    bad: float
    size: float
    excess: float
    low: float
    high: float
    share_of_bad: float
    gain: float
    alike: tuple[tuple[Condition, ...], ...] = ()


def explains(cells: Cells, design_effect: float = 1.0) -> Explanation | None:
    """The smallest description that covers the excess, or None if no value stands out.

    Each value of a dimension, and each pair of values of two, splits the cells into inside and outside, with
    a rate for each (times `usual`); the quasi-Poisson likelihood ratio against one rate is its gain. A single
    value must gain 3.84 + 2 log(number of values), a pair must gain that much (of the pairs) more than the
    best value. So a fault of one version is called by it, not by the channel around it (whose other versions
    are well) nor by a smaller part within. Raises ValueError for tables of different lengths.
    """
    expected = _expected(cells)
    singles = [_split(cells, expected, (i,)) for i in range(len(cells.dimensions))]
    pairs = [
        _split(cells, expected, pair) for pair in itertools.combinations(range(len(cells.dimensions)), 2)
    ]
    best = _best(singles, design_effect, 0.0)
    if best is None:
        return None
    return _best(pairs, design_effect, best.gain) or best


@dataclass(frozen=True, eq=False)
class _Split:
    """Descriptions by the same dimensions: their values int64[m, 1 or 2] and figures float64[m]."""

    dimensions: tuple[str, ...]
    values: Ints
    bad: Floats
    size: Floats
    rest: Floats
    excess: Floats
    error: Floats
    gain: Floats

    def conditions(self, at: int) -> tuple[Condition, ...]:
        pairs = zip(self.dimensions, self.values[at].tolist(), strict=True)
        return tuple(Condition(name, value) for name, value in pairs)


def _expected(cells: Cells) -> Floats:
    """Bad ones of each cell were all alike, or as usual; adds up to the bad ones seen."""
    bad, size = np.asarray(cells.bad, np.float64), np.asarray(cells.size, np.float64)
    weight = size if cells.usual is None else np.asarray(cells.usual, np.float64)
    codes = np.asarray(cells.codes)
    known = (len(bad), len(cells.dimensions))
    if codes.shape != known or size.shape != bad.shape or weight.shape != bad.shape:
        raise ValueError("Codes are a table [cells, dimensions]; bad, size and usual are lists of cells.")
    total = float(weight.sum())
    expected: Floats = weight * float(bad.sum()) / total if total > 0 else np.zeros_like(bad)
    return expected


def _split(cells: Cells, expected: Floats, of: tuple[int, ...]) -> _Split:
    codes = np.asarray(cells.codes, np.int64)[:, list(of)]
    known = np.all(codes >= 0, axis=1)
    values, inside = np.unique(codes[known], axis=0, return_inverse=True)
    inside = inside.reshape(-1)
    m = len(values)
    bad, size, usual = (
        np.bincount(inside, weights=np.asarray(counts, np.float64)[known], minlength=m).astype(np.float64)
        for counts in (cells.bad, cells.size, expected)
    )
    total = float(np.sum(cells.bad))
    # Equal sums must come out equal, whatever their order of adding, or a tie would fall by rounding.
    usual = np.round(usual, 9)
    rest: Floats = total - bad
    rest_usual: Floats = np.maximum(total - usual, 0.0)
    gain = 2 * (_log_ratio(bad, usual) + _log_ratio(rest, rest_usual))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(rest_usual > 0, usual / rest_usual, np.nan)
    excess = bad - ratio * rest
    worse = (excess > 0) & np.isfinite(gain)
    names = tuple(cells.dimensions[i] for i in of)
    error = np.sqrt(bad + ratio**2 * rest)
    return _Split(names, values, bad, size, rest, excess, error, np.where(worse, gain, 0.0))


def _log_ratio(seen: Floats, expected: Floats) -> Floats:
    """seen log(seen / expected), 0 for nothing seen."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(seen > 0, seen * np.log(seen / expected), 0.0)


def _best(splits: Sequence[_Split], design_effect: float, beside: float) -> Explanation | None:
    """The description with the largest gain, if it gains enough beyond `beside`; in a tie the first."""
    if not (count := sum(len(split.gain) for split in splits)):
        return None
    where = [(split, at) for split in splits for at in range(len(split.gain))]
    gain = np.concatenate([split.gain for split in splits]) / design_effect
    top = float(gain.max())
    if top - beside <= CHI_95 + 2 * np.log(count):
        return None
    first = int(np.argmax(gain >= top - 1e-9 * top))
    near = [i for i in np.flatnonzero(gain > top - CHI_95).tolist() if i != first]
    split, at = where[first]
    excess, bad = float(split.excess[at]), float(split.bad[at])
    half = Z95 * float(np.sqrt(design_effect) * split.error[at])
    return Explanation(
        conditions=split.conditions(at),
        bad=bad,
        size=float(split.size[at]),
        excess=excess,
        low=excess - half,
        high=excess + half,
        share_of_bad=bad / (bad + float(split.rest[at])),
        gain=top,
        alike=tuple(where[i][0].conditions(where[i][1]) for i in near),
    )
