"""Values at given ranks without sorting all: a histogram tells where they lie, only its bins are sorted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from towpath.analytics.kernels.compiling import Bool, Int64, kernel, read_only

FINENESS = 8
"""Bits of a bin within its power of two: bins are as narrow as 0.4 % of what lies in them, as durations reach
from milliseconds to months."""
BINS = 66 << FINENESS
_SHIFT = 52 - FINENESS
_ONE = 1023 << FINENESS


def at_ranks(values: Int64 | Sequence[Int64], ranks: Sequence[int]) -> dict[int, int]:
    """The value at each rank (from 0) of `values` in ascending order; `values`, in one array or in several,
    stay as they are."""
    given = [values] if isinstance(values, np.ndarray) else values
    pieces = [read_only(piece, np.int64) for piece in given if len(piece)]
    low = min(int(piece.min()) for piece in pieces)
    counts = np.zeros(BINS, np.int64)
    for piece in pieces:
        _count(piece, low, counts)
    before = np.concatenate(([0], np.cumsum(counts)))
    bins = np.searchsorted(before, ranks, side="right") - 1
    wanted = np.zeros(BINS, np.bool_)
    wanted[bins] = True
    kept, place = np.empty(int(counts[wanted].sum()), np.int64), 0
    for piece in pieces:
        place = _keep(piece, low, wanted, kept, place)
    kept.sort()
    left_out = np.cumsum(np.where(wanted, 0, counts))
    return {rank: int(kept[rank - left_out[bin_]]) for rank, bin_ in zip(ranks, bins, strict=True)}


@kernel
def _bin(value: int, low: int) -> int:
    """Exponent and first bits of the distance from `low`, as a double has them; ascends with the value."""
    distance = np.float64(np.uint64(value) - np.uint64(low)) + 1.0
    return int(np.float64(distance).view(np.int64) >> _SHIFT) - _ONE


@kernel
def _count(values: Int64, low: int, counts: Int64) -> None:
    for value in values:
        counts[_bin(value, low)] += 1


@kernel
def _keep(values: Int64, low: int, wanted: Bool, kept: Int64, place: int) -> int:
    """Write the values of the wanted bins from `place` on; returns the place after them."""
    for value in values:
        if wanted[_bin(value, low)]:
            kept[place] = value
            place += 1
    return place
