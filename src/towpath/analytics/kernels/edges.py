# ruff: noqa: PLR0917 (compiled functions take their arguments by position)
"""Directly-follows pairs: counted first, then their durations written side by side."""

from __future__ import annotations

import numpy as np

from towpath.analytics.kernels.compiling import Int8, Int64, UInt16, kernel


@kernel
def count_edges(
    starts: Int64,
    code: UInt16,
    name_of: Int8,
    counts: Int64,
    entities: Int64,
    begins: Int64,
    ends: Int64,
) -> None:
    """Add to pairs and to entities that have them (int64[a * a]), to first and last activities (int64[a])."""
    activities = begins.size
    seen_by = np.full(counts.size, -1, np.int64)
    for entity in range(starts.size - 1):
        before = -1
        for i in range(starts[entity], starts[entity + 1]):
            name = name_of[code[i]]
            if name < 0:
                continue
            if before < 0:
                begins[name] += 1
            else:
                edge = before * activities + name
                counts[edge] += 1
                if seen_by[edge] != entity:
                    seen_by[edge] = entity
                    entities[edge] += 1
            before = name
        if before >= 0:
            ends[before] += 1


@kernel
def write_durations(
    starts: Int64, time: Int64, code: UInt16, name_of: Int8, activities: int, places: Int64, out: Int64
) -> None:
    """Write each pair's time apart to the next place of its edge; moves `places` on."""
    for entity in range(starts.size - 1):
        before, since = -1, 0
        for i in range(starts[entity], starts[entity + 1]):
            name = name_of[code[i]]
            if name < 0:
                continue
            if before >= 0:
                edge = before * activities + name
                out[places[edge]] = time[i] - since
                places[edge] += 1
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
