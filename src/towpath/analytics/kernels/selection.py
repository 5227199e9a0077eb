"""Values at given ranks without sorting all: a histogram tells where they lie, only its bins are sorted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from towpath.analytics.kernels.compiling import Bool, Int64, kernel, read_only

BINS = 1 << 14


def at_ranks(values: Int64, ranks: Sequence[int]) -> dict[int, int]:
    """The value at each rank (from 0) of `values` in ascending order; `values` stay as they are."""
    values = read_only(values, np.int64)
    low, shift = _range(values)
    counts = _histogram(values, low, shift)
    before = np.concatenate(([0], np.cumsum(counts)))
    bins = np.searchsorted(before, ranks, side="right") - 1
    wanted = np.zeros(BINS, np.bool_)
    wanted[bins] = True
    kept = np.sort(_values_in(values, low, shift, wanted, int(counts[wanted].sum())))
    left_out = np.cumsum(np.where(wanted, 0, counts))
    return {rank: int(kept[rank - left_out[bin_]]) for rank, bin_ in zip(ranks, bins, strict=True)}


@kernel
def _range(values: Int64) -> tuple[int, int]:
    """Lowest value, and by how many bits the distance from it must be shifted to be a bin."""
    low, high = values[0], values[0]
    for value in values:
        low, high = min(low, value), max(high, value)
    shift = 0
    while (high - low) >> shift >= BINS:
        shift += 1
    return low, shift


@kernel
def _histogram(values: Int64, low: int, shift: int) -> Int64:
    counts = np.zeros(BINS, np.int64)
    for value in values:
        counts[(value - low) >> shift] += 1
    return counts


@kernel
def _values_in(values: Int64, low: int, shift: int, wanted: Bool, size: int) -> Int64:
    kept = np.empty(size, np.int64)
    place = 0
    for value in values:
        if wanted[(value - low) >> shift]:
            kept[place] = value
            place += 1
    return kept
