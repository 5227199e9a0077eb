"""Where values stand in a long ascending array of hashes.

Halving meets a page of memory with almost every step of a long run. Hashes are spread evenly, so where one
must stand can be reckoned: from the first guess, some thousand rows off, three more lead to within a few.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]

LONG_ROWS = 2_000_000
"""Shorter ones lie in the processor's caches: there halving is as fast."""
_GUESSES = 3
_REACH = 16
"""Rows to either side of the last guess; a power of two."""


def first_places(ascending: Hashes, wanted: Hashes) -> Places:
    """For each of `wanted` how many of `ascending` are smaller: what `np.searchsorted` answers."""
    if len(ascending) < LONG_ROWS:
        return np.searchsorted(ascending, wanted).astype(np.int64, copy=False)
    return reckoned_places(np.asarray(ascending), wanted)


def reckoned_places(ascending: Hashes, wanted: Hashes) -> Places:
    """The same for any array with a row or more; fast where its values are spread evenly."""
    rows = len(ascending)
    near = _guessed(ascending, wanted)
    low, high = np.maximum(near - _REACH, 0), np.minimum(near + _REACH, rows)
    astray = (low > 0) & (ascending[low - 1] >= wanted)
    astray |= (high < rows) & (ascending[np.minimum(high, rows - 1)] < wanted)
    step = 2 * _REACH
    while step:
        middle = low + step
        beyond = (middle <= high) & (ascending[np.minimum(middle, rows) - 1] < wanted)
        low = np.where(beyond, middle, low)
        step >>= 1
    low[astray] = np.searchsorted(ascending, wanted[astray])
    return low


def _guessed(ascending: Hashes, wanted: Hashes) -> Places:
    rows, sought = len(ascending), wanted.astype(np.float64)
    rows_a_value = rows / 2.0**64
    near: Places = np.minimum((sought * rows_a_value).astype(np.int64), rows - 1)
    for _again in range(_GUESSES):
        near += ((sought - ascending[near]) * rows_a_value).astype(np.int64)
        np.clip(near, 0, rows - 1, out=near)
    return near
