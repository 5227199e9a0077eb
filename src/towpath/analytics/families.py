"""Families of tests: which of many candidates stand out, and what having been selected does to intervals.

All candidates of a week, over kinds and journeys, are one family (Benjamini and Hochberg 1995, q 0.05),
tested on closed weeks. Intervals of the selected get the level 1 - R q / m (false coverage rate, Benjamini
and Yekutieli 2005): of R selected intervals at most a share q misses its truth, on average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from towpath.analytics.intervals import Interval, false_discovery_q, selected_level
from towpath.analytics.normal import Z95, half_width

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Q = 0.05


@dataclass(frozen=True, eq=False)
class Family:
    """`q` float64[n]: adjusted q-values, nan where p was nan (no member: a test that could not be made).
    `selected` bool[n]: q at most `limit`. `members`: the size m of the family. `level`: confidence level for
    intervals of the selected; None where nothing was selected."""

    limit: float
    q: Floats
    selected: Bools
    members: int
    level: float | None


def family(p: npt.ArrayLike, limit: float = Q) -> Family:
    """Benjamini-Hochberg over one family of p-values (float[n], any order, nan is no member).

    Raises ValueError for p-values outside [0, 1] and a limit outside (0, 1).
    """
    if not 0 < limit < 1:
        raise ValueError(f"A family is selected at a q between 0 and 1, not {limit}.")
    q = false_discovery_q(p)
    selected = np.asarray(q <= limit, np.bool_)
    members, chosen = int(np.count_nonzero(~np.isnan(q))), int(np.count_nonzero(selected))
    level = selected_level(chosen, members, limit) if chosen else None
    return Family(limit, q, selected, members, level)


def widened(
    estimate: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, level: float | None
) -> Interval:
    """95 % intervals stretched about their estimates to `level`, each side by the ratio of normal quantiles.

    For intervals that cannot be made anew at the level of the family (`Family.level`); exact where a side is
    a multiple of a standard error. None leaves them as they are, and none is ever narrowed: at R = m the
    level of the family is 95 % itself.
    """
    middle, below, above = (np.asarray(values, np.float64) for values in (estimate, low, high))
    stretch = 1.0 if level is None else max(1.0, float(half_width(level)) / Z95)
    return Interval(middle - stretch * (middle - below), middle + stretch * (above - middle))
