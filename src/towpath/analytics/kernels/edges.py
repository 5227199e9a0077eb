# ruff: noqa: PLR0917 (compiled functions take their arguments by position)
"""Directly-follows pairs: counted by edge and time apart, then those written that lie where a quantile is."""

from __future__ import annotations

import numpy as np

from towpath.analytics.kernels.compiling import Int8, Int32, Int64, UInt16, UInt32, kernel

BINS_BYTES = 1 << 18
"""What a table of counts per edge and bin may take, so that it stays in the processor's own cache."""
MOST_FINENESS = 8
_EXPONENTS, _MANTISSA, _ONE = 64, 52, 1023


def fineness_of(activities: int) -> int:
    """Bits of a bin within its power of two for so many activities: fewer activities, narrower bins."""
    room = BINS_BYTES // (4 * _EXPONENTS * max(activities, 1) ** 2)
    return min(max(room.bit_length() - 1, 0), MOST_FINENESS)


def bins_of(fineness: int) -> int:
    """Number of bins; they reach over all durations."""
    return _EXPONENTS << fineness


@kernel
def _bin(duration: int, fineness: int) -> int:
    """Exponent and first bits of a duration, as a double has them; ascends with it."""
    bits = np.float64(np.float64(max(duration, 0)) + 1.0).view(np.int64) >> np.int64(_MANTISSA - fineness)
    return int(bits - (np.int64(_ONE) << np.int64(fineness)))


@kernel
def tally_edges(
    starts: Int64,
    time: Int64,
    code: UInt16,
    name_of: Int8,
    fineness: int,
    tally: UInt32,
    entities: Int64,
    begins: Int64,
    ends: Int64,
) -> None:
    """Add to pairs by edge and by bin of their time apart (uint32[a * a, bins]), to entities that have them
    (int64[a * a]), to first and last activities (int64[a])."""
    activities = begins.size
    seen_by = np.full(entities.size, -1, np.int64)
    for entity in range(starts.size - 1):
        before, since = -1, 0
        for i in range(starts[entity], starts[entity + 1]):
            name = name_of[code[i]]
            if name < 0:
                continue
            if before < 0:
                begins[name] += 1
            else:
                edge = before * activities + name
                tally[edge, _bin(time[i] - since, fineness)] += np.uint32(1)
                if seen_by[edge] != entity:
                    seen_by[edge] = entity
                    entities[edge] += 1
            before, since = name, time[i]
        if before >= 0:
            ends[before] += 1


@kernel
def keep_durations(
    starts: Int64,
    time: Int64,
    code: UInt16,
    name_of: Int8,
    fineness: int,
    activities: int,
    wanted: Int32,
    places: Int64,
    out: Int64,
) -> None:
    """Write the times apart that fall into wanted bins (int32[a * a, bins]: number of the bin, -1 for none)
    to the next place of their bin; moves `places` on."""
    for entity in range(starts.size - 1):
        before, since = -1, 0
        for i in range(starts[entity], starts[entity + 1]):
            name = name_of[code[i]]
            if name < 0:
                continue
            if before >= 0:
                found = wanted[before * activities + name, _bin(time[i] - since, fineness)]
                if found >= 0:
                    out[places[found]] = time[i] - since
                    places[found] += 1
            before, since = name, time[i]


@kernel
def find_edge(starts: Int64, code: UInt16, name_of: Int8, first: int, then: int, out: Int64) -> None:
    """Write how often each entity has the pair."""
    for entity in range(out.size):
        before, count = -1, 0
        for i in range(starts[entity], starts[entity + 1]):
            name = name_of[code[i]]
            if name < 0:
                continue
            if before == first and name == then:
                count += 1
            before = name
        out[entity] = count
