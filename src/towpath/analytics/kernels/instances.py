# ruff: noqa: PLR0917 (compiled functions take their arguments by position)
"""One entity's journeys, told apart: where each begins, where it ends, and the first attempt at each step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from towpath.analytics.kernels.compiling import Bool, Int8, Int64, UInt16, UInt64, kernel

UNENDED, CONVERTED, TERMINAL = 0, 1, 2


class Route(NamedTuple):
    """What ends an instance."""

    met: UInt64
    """uint64[codes]: the steps that an event matches."""
    terminal: Bool
    """bool[codes]."""
    before: UInt64
    """uint64[steps]: the steps straight after which each may come; what lies between them is optional."""
    required: UInt64
    """uint64[0 or 1]: steps that end it in whatever order; empty = they end it in order."""
    window: int


class Found(NamedTuple):
    """What the kernel writes, at each entity's places from `room` on; `begin` -1 = the place stays empty."""

    begin: Int64
    """int64[places], row."""
    stop: Int64
    """int64[places], the row after the last."""
    end: Int8
    """int8[places]."""
    attempt: Int64
    """int64[places, steps], row; -1 = none."""


@kernel
def find_instances(starts: Int64, time: Int64, code: UInt16, room: Int64, route: Route, out: Found) -> None:
    """Follow each entity; `room` int64[entities] is its first place, it has one for each event of step 0.

    Like in `detours`, a journey is over with conversion, a terminal outcome, or when the window has passed
    since it began. Unlike there, only step 0 begins one: steps outside of any journey belong to none.
    """
    steps = out.attempt.shape[1]
    for entity in range(room.size):
        place, running, seen = room[entity] - 1, False, np.uint64(0)
        for i in range(starts[entity], starts[entity + 1]):
            met = route.met[code[i]]
            running = running and time[i] - time[out.begin[place]] <= route.window
            begins = not running and (met & np.uint64(1)) != np.uint64(0)
            if begins:
                place, running, seen = place + 1, True, np.uint64(1)
                out.begin[place] = i
            if not running:
                continue
            earlier = seen
            for step in range(steps):
                bit = np.uint64(1) << np.uint64(step)
                if (met & bit) == np.uint64(0):
                    continue
                if out.attempt[place, step] < 0:
                    out.attempt[place, step] = i
                if route.required.size or (not begins and (earlier & route.before[step]) != np.uint64(0)):
                    seen |= bit
            goal = route.required[0] if route.required.size else np.uint64(1) << np.uint64(steps - 1)
            out.stop[place] = i + 1
            if (seen & goal) == goal:
                out.end[place] = CONVERTED
                running = False
            elif route.terminal[code[i]]:
                out.end[place] = TERMINAL
                running = False
