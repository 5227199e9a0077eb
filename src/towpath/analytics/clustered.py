"""Shares of calls, attempts and the like that come in clusters: what happens on one day happens to many at
once, so that an interval for independent ones would be too narrow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from towpath.analytics.intervals import wilson

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
FEWEST = 5
"""Clusters from which the spread between them is estimated; below that there is no interval."""


class Shares(NamedTuple):
    """For each group, float64: the share and its interval (nan: none can be said), and how many clusters."""

    share: Floats
    low: Floats
    high: Floats
    clusters: Codes


def clustered_shares(group: Codes, cluster: Codes, hits: Floats, sizes: Floats, groups: int) -> Shares:
    """Of rows with `hits` of `sizes`, each in a group (0 to groups - 1) and a cluster (codes of 0 and above).

    The variance of the ratio between clusters (Cochran, Sampling Techniques, 1977, 6.3) gives the size that
    independent ones would have to have, at most the true one; Wilson's interval of that (Korn and Graubard
    1998, for the size). Clusters of size 0 say nothing and do not count.
    """
    span = int(cluster.max()) + 1 if len(cluster) else 1
    cells, place = np.unique(group * span + cluster, return_inverse=True)
    hit, size = np.bincount(place, hits, len(cells)), np.bincount(place, sizes, len(cells))
    said = size > 0
    owner, hit, size = (cells // span)[said], hit[said], size[said]
    count = np.bincount(owner, minlength=groups).astype(np.int64)
    total, struck = np.bincount(owner, size, groups), np.bincount(owner, hit, groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = struck / total
        spread = np.bincount(owner, (hit - share[owner] * size) ** 2, groups)
        between = count / (count - 1.0) * spread / total**2
        alone = share * (1 - share) / between
    enough = count >= FEWEST
    alike = np.where(np.isfinite(alone), np.minimum(alone, total), total)
    alike = np.where(enough, alike, np.nan)
    low, high = np.full(groups, np.nan), np.full(groups, np.nan)
    if enough.any():
        found = wilson(np.clip(share[enough], 0, 1) * alike[enough], alike[enough])
        low[enough], high[enough] = found.low, found.high
    return Shares(share, low, high, count)
