# ruff: noqa: PLR0917 (compiled functions take their arguments by position)
"""Steps taken again, steps back, and changes of channel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from towpath.analytics.kernels.compiling import Bool, Int8, Int32, Int64, UInt16, UInt64, kernel

REPEAT, BACK, HOP = 0, 1, 2


class Walk(NamedTuple):
    """What is compared."""

    channel: UInt16
    """uint16[n]; empty = none is known."""
    no_channel: int
    step_of: Int8
    """int8[codes]: -1 = no step."""
    terminal: Bool
    window: int


class Detours(NamedTuple):
    """What the kernel writes; the three kinds lie in the order repeat, back, hop."""

    counts: Int32
    """int32[entities, 3] events."""
    steps: UInt64
    """uint64[entities, 3]: bit k = it happened at step k."""


@kernel
def find_detours(
    starts: Int64,
    time: Int64,
    code: UInt16,
    walk: Walk,
    events: Int64,
    out: Detours,
) -> None:
    """Follow each entity; `events` int64[3, steps] is added to.

    A new journey begins with step 0 after the last step or a terminal outcome, and with any step when
    `window` has passed since the first step event of the journey; nothing is compared across that border.
    """
    steps, no_channel = events.shape[1], walk.no_channel
    for entity in range(out.counts.shape[0]):
        out.counts[entity, :] = 0
        out.steps[entity, :] = 0
        before, furthest, begun, over, came_by = -1, -1, 0, False, no_channel
        for i in range(starts[entity], starts[entity + 1]):
            step = walk.step_of[code[i]]
            if step < 0:
                over = over or (before >= 0 and walk.terminal[code[i]])
                continue
            if before < 0 or (over and step == 0) or time[i] - begun > walk.window:
                before, furthest, begun, over, came_by = -1, -1, time[i], False, no_channel
            through = walk.channel[i] if walk.channel.size else no_channel
            knows_before, knows_now = came_by != no_channel, through != no_channel
            happened = (
                before == step,
                before != step and step < furthest,
                knows_before and knows_now and came_by != through,
            )
            for kind in range(3):
                if happened[kind]:
                    events[kind, step] += 1
                    out.counts[entity, kind] += 1
                    out.steps[entity, kind] |= np.uint64(1) << np.uint64(step)
            before, furthest = step, max(furthest, step)
            over = over or step == steps - 1
            came_by = through if knows_now else came_by
