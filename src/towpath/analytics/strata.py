"""Strata: the comparison of exposed and unexposed units among their like.

Strata are fixed before exposure and coarsened by exposure alone, never by the outcome. The Mantel-Haenszel
risk difference tests; the figure standardised to the exposed says how many were lost beyond what would have
been.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from towpath.analytics.normal import Z95, two_sided

MIN_UNEXPOSED = 5
"""A stratum is compared by itself from this number of unexposed units on; otherwise at the next coarser
level."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RiskDifference:
    """Exposed minus unexposed share lost, with standard error, 95 % interval and two-sided p-value
    (normal)."""

    estimate: float
    error: float
    low: float
    high: float
    p: float


def coarsened(levels: Sequence[npt.NDArray[np.int64]], exposed: Bools) -> Ints:
    """The stratum of each unit, int64[n] without gaps, from stratum codes int64[n] given from fine to coarse.

    A stratum with exposed units and at least `MIN_UNEXPOSED` unexposed ones stays. The units of all others
    meet at the next coarser level: also those of strata without any exposed unit, which could be compared
    with nobody and now help to compare those from strata with too few unexposed. At the last level what is
    left stays as it is. Raises ValueError unless each stratum lies within one stratum of the next level.
    """
    codes = [np.unique(level, return_inverse=True)[1].astype(np.int64) for level in levels]
    if not codes or any(code.shape != exposed.shape for code in codes):
        raise ValueError("Strata are one list of codes or several, each as long as the units.")
    for i, (fine, coarse) in enumerate(itertools.pairwise(codes)):
        within = np.zeros(int(fine.max(initial=-1)) + 1, np.int64)
        within[fine] = coarse
        if not np.array_equal(within[fine], coarse):
            raise ValueError(f"Strata of level {i} must each lie within one stratum of level {i + 1}.")
    stratum, waiting, used = np.zeros(len(exposed), np.int64), np.ones(len(exposed), np.bool_), 0
    for i, code in enumerate(codes):
        size = int(code.max(initial=-1)) + 1
        hit = np.bincount(code[waiting & exposed], minlength=size)
        spared = np.bincount(code[waiting & ~exposed], minlength=size)
        enough = (hit > 0) & (spared >= MIN_UNEXPOSED)
        stays = waiting & (enough[code] | (i == len(codes) - 1))
        stratum[stays] = used + code[stays]
        used, waiting = used + size, waiting & ~stays
    return np.unique(stratum, return_inverse=True)[1].astype(np.int64)


def mantel_haenszel(
    a: npt.ArrayLike, n1: npt.ArrayLike, c: npt.ArrayLike, n0: npt.ArrayLike
) -> RiskDifference:
    """Mantel-Haenszel risk difference over strata, variance by Sato (1989), consistent for few large strata
    and for many sparse ones.

    Per stratum: `a` lost of `n1` exposed, `c` lost of `n0` unexposed. Strata with one kind only carry no
    weight. Raises ValueError when no stratum holds both kinds.
    """
    a_, n1_, c_, n0_ = (np.asarray(counts, np.float64) for counts in (a, n1, c, n0))
    both = (n1_ > 0) & (n0_ > 0)
    if not both.any():
        raise ValueError("No stratum holds both exposed and unexposed units.")
    a_, n1_, c_, n0_ = a_[both], n1_[both], c_[both], n0_[both]
    n = n1_ + n0_
    weight = np.sum(n1_ * n0_ / n)
    estimate = np.sum((a_ * n0_ - c_ * n1_) / n) / weight
    p = np.sum((n1_**2 * c_ - n0_**2 * a_ + n1_ * n0_ * (n0_ - n1_) / 2) / n**2)
    q = np.sum((a_ * (n0_ - c_) + c_ * (n1_ - a_)) / (2 * n))
    error = float(np.sqrt(max(0.0, estimate * p + q)) / weight)
    half = Z95 * error
    z = abs(estimate) / error if error > 0 else (0.0 if estimate == 0 else np.inf)
    chance = float(two_sided(z))
    return RiskDifference(float(estimate), error, float(estimate - half), float(estimate + half), chance)


def standardised_to_exposed(a: Floats, n1: Floats, c: Floats, n0: Floats) -> Floats:
    """Per stratum (arrays of any one shape) the lost beyond expectation, a - n1 c / n0; 0 without both
    kinds."""
    both = (n1 > 0) & (n0 > 0)
    lost: Floats = np.where(both, a - n1 * c / np.where(both, n0, 1.0), 0.0)
    return lost
