# ruff: noqa: PLR0917 (compiled functions take their arguments by position, and know no generators)
"""Funnel levels where the order of the steps does not count: all of them within one window.

Looking back from each step event over the window that ends there, step k is reached when it and every
mandatory step before it can each be given an event of its own. Where no event of an entity matches two steps,
the latest time of each step decides; else the events are handed out by augmenting paths (Kuhn's bipartite
matching).
"""

from __future__ import annotations

import numpy as np

from towpath.analytics.kernels.chains import Findings, Log, Plan, follow_entries, steps_end, time_or_none
from towpath.analytics.kernels.compiling import NOTHING, Bool, Int64, kernel


@kernel
def any_order(log: Log, plan: Plan, optional: Bool, out: Findings) -> None:
    """Write the findings of every entity; `optional` is bool[steps]."""
    held = np.empty(plan.steps, np.bool_)
    latest, latest_ok = np.empty(plan.steps, np.int64), np.empty(plan.steps, np.int64)
    for entity in range(out.level.size):
        follow_entries(log, plan, entity, out)
        shared = _events_share_steps(log, plan, entity)
        level, converted, origin, furthest, position = 0, NOTHING, NOTHING, NOTHING, -1
        reached, completed = np.uint64(0), np.uint64(0)
        latest[:] = NOTHING
        latest_ok[:] = NOTHING
        for i in range(log.starts[entity], log.starts[entity + 1]):
            code, time = log.code[i], log.time[i]
            low, high = plan.step_starts[code], steps_end(plan, code, time)
            if low == high:
                continue
            for j in range(low, high):
                latest[plan.step_of[j]] = time
                if log.ok.size and log.ok[i]:
                    latest_ok[plan.step_of[j]] = time
            if shared:
                _match_steps(log, plan, optional, log.starts[entity], i, held)
            else:
                _steps_within(latest, time, plan, optional, held)
            for step in range(plan.steps):
                if not held[step]:
                    continue
                reached |= np.uint64(1) << np.uint64(step)
                if latest_ok[step] != NOTHING and time - latest_ok[step] <= plan.window:
                    completed |= np.uint64(1) << np.uint64(step)
                if step + 1 > level or (step + 1 == level and plan.step_of[high - 1] < level):
                    level, furthest, position = step + 1, time, i
            if level == plan.steps and converted == NOTHING:
                converted, origin = time, _latest_start(log, plan, optional, latest, i, shared, held)
        out.level[entity] = level
        out.reached[entity], out.completed[entity] = reached, completed
        out.converted_at[entity], out.converted_from[entity] = time_or_none(converted), time_or_none(origin)
        out.furthest_at[entity], out.position[entity] = time_or_none(furthest), position


@kernel
def _events_share_steps(log: Log, plan: Plan, entity: int) -> bool:
    """Whether some event of the entity matches two steps, so that latest times are not enough."""
    for i in range(log.starts[entity], log.starts[entity + 1]):
        code = log.code[i]
        if plan.step_starts[code + 1] - plan.step_starts[code] > 1:
            return True
    return False


@kernel
def _steps_within(latest: Int64, time: int, plan: Plan, optional: Bool, held: Bool) -> None:
    held[:] = False
    for step in range(plan.steps):
        if latest[step] != NOTHING and time - latest[step] <= plan.window:
            held[step] = True
        elif not optional[step]:
            return


@kernel
def _match_steps(log: Log, plan: Plan, optional: Bool, first: int, last: int, held: Bool) -> None:
    """Steps that the events first..last, as far as they lie in the window that ends with `last`, can fill."""
    held[:] = False
    low = first
    while log.time[last] - log.time[low] > plan.window:
        low += 1
    taken_by = np.full(last + 1 - low, -1, np.int64)
    for step in range(plan.steps):
        held[step] = _augment(log, plan, step, low, taken_by, not optional[step])
        if not held[step] and not optional[step]:
            return


@kernel
def _latest_start(
    log: Log, plan: Plan, optional: Bool, latest: Int64, last: int, shared: bool, held: Bool
) -> int:
    """When the set of events that `last` completed began; of all such sets the one that began last.

    Overwrites `held`. Steps that may be passed over do not make a set begin earlier.
    """
    low = last
    if shared:
        _match_steps(log, plan, optional, low, last, held)
        while not held[plan.steps - 1]:
            low -= 1
            _match_steps(log, plan, optional, low, last, held)
    begin: int = log.time[low]
    for step in range(plan.steps):
        if not shared and not optional[step]:
            begin = min(begin, latest[step])
    return begin


@kernel
def _augment(log: Log, plan: Plan, wanted: int, low: int, taken_by: Int64, keep: bool) -> bool:
    """Give `wanted` an event, moving other steps if need be; only with `keep` is it written down."""
    asked_by = np.full(taken_by.size, -1, np.int64)
    queue = np.empty(plan.steps, np.int64)
    queue[0] = wanted
    read, write = 0, 1
    while read < write:
        step = queue[read]
        read += 1
        for event in range(taken_by.size):
            if asked_by[event] != -1 or not _matches(log, plan, low + event, step):
                continue
            asked_by[event] = step
            if taken_by[event] == -1:
                if keep:
                    _hand_over(taken_by, asked_by, event, wanted)
                return True
            queue[write] = taken_by[event]
            write += 1
    return False


@kernel
def _matches(log: Log, plan: Plan, event: int, step: int) -> bool:
    code = log.code[event]
    for j in range(plan.step_starts[code], steps_end(plan, code, log.time[event])):
        if plan.step_of[j] == step:
            return True
    return False


@kernel
def _hand_over(taken_by: Int64, asked_by: Int64, event: int, wanted: int) -> None:
    """Follow the path of asking back to `wanted`; each step takes the event it asked for."""
    while True:
        step = asked_by[event]
        before = -1
        for other in range(taken_by.size):
            if taken_by[other] == step:
                before = other
        taken_by[event] = step
        if step == wanted:
            return
        event = before
