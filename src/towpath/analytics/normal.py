"""The standard normal distribution, without SciPy: loading `scipy.special` takes longer than most commands.

Both functions take scalars or arrays and return float64 of that shape.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import cast

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

Z95 = -NormalDist().inv_cdf(0.025)
"""Half the width of a 95 % interval, in standard errors: 1.959964."""

Z90 = -NormalDist().inv_cdf(0.05)
"""The same of a 90 % interval: 1.644854."""

_lower_quantile = np.vectorize(NormalDist().inv_cdf, otypes=[np.float64])
_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def half_width(level: npt.ArrayLike) -> Floats:
    """z with P(|Z| <= z) = level, to 1e-15 relative (Wichura 1988, AS 241). `level` lies in (0, 1)."""
    return cast(Floats, -_lower_quantile((1 - np.asarray(level, np.float64)) / 2))


def two_sided(z: npt.ArrayLike) -> Floats:
    """P(|Z| >= |z|), exact far into the tail; nan stays nan."""
    return cast(Floats, _erfc(np.abs(z) / np.sqrt(2)))
