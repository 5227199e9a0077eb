# ruff: noqa: PLR0917 (compiled functions take their arguments by position)
"""The first-touch walk: each step's first event after the one before."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from towpath.analytics.kernels.compiling import Bool, Int64, UInt16, UInt64, kernel


class Touches(NamedTuple):
    """What the walk writes, one place per entity; -1 where there is none."""

    times: Int64
    """int64[entities, steps]."""
    terminal_at: Int64
    position: Int64
    """Of the event that touched the furthest step, in the log's arrays."""


@kernel
def first_touches(
    starts: Int64,
    time: Int64,
    code: UInt16,
    masks: UInt64,
    terminal: Bool,
    window: int,
    entered: tuple[int, int],
    out: Touches,
) -> None:
    """Write each step's first touch and the first terminal before conversion, all within the window.

    An event takes at most one step forward, the one that is waited for; a terminal one ends the walk.
    """
    times, steps = out.times, out.times.shape[1]
    for entity in range(out.position.size):
        for step in range(steps):
            times[entity, step] = -1
        out.terminal_at[entity], out.position[entity] = -1, -1
        waits_for = 0
        for i in range(starts[entity], starts[entity + 1]):
            if waits_for and time[i] - times[entity, 0] > window:
                break
            at = code[i]
            enters = waits_for > 0 or entered[0] <= time[i] < entered[1]
            if enters and (masks[at] >> np.uint64(waits_for)) & np.uint64(1):
                times[entity, waits_for] = time[i]
                out.position[entity] = i
                waits_for += 1
                if waits_for == steps:
                    break
            elif waits_for and terminal[at]:
                out.terminal_at[entity] = time[i]
                break


@kernel
def count_reached(times: Int64) -> Int64:
    """int64[steps]: entities that came there."""
    steps = times.shape[1]
    counts = np.zeros(steps, np.int64)
    for entity in range(times.shape[0]):
        for step in range(steps):
            if times[entity, step] == -1:
                break
            counts[step] += 1
    return counts


@kernel
def times_apart(times: Int64, places: Int64, from_previous: Int64, from_entry: Int64) -> None:
    """Write the times to each step side by side, beginning at the step's place; moves `places` on."""
    for entity in range(times.shape[0]):
        for step in range(times.shape[1]):
            time = times[entity, step]
            if time == -1:
                break
            from_previous[places[step]] = time - times[entity, max(step - 1, 0)]
            from_entry[places[step]] = time - times[entity, 0]
            places[step] += 1
