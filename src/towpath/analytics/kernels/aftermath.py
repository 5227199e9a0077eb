# ruff: noqa: PLR0917 (compiled functions take their arguments by position)
"""The next activity after a place in an entity's story."""

from __future__ import annotations

from towpath.analytics.kernels.compiling import Int8, Int64, UInt16, kernel


@kernel
def find_next(
    starts: Int64, time: Int64, code: UInt16, name_of: Int8, position: Int64, activity: Int8, waited: Int64
) -> None:
    """Write the first named activity after each entity's position and the time to it; -1 without."""
    for entity in range(position.size):
        activity[entity] = -1
        waited[entity] = -1
        if position[entity] < 0:
            continue
        for i in range(position[entity] + 1, starts[entity + 1]):
            name = name_of[code[i]]
            if name >= 0:
                activity[entity] = name
                waited[entity] = time[i] - time[position[entity]]
                break
