# ruff: noqa: PLR0917 (compiled functions take their arguments by position)
"""Funnel levels where the order of the steps counts.

Per level the kernels keep the latest start of a chain: it leaves most of the window, so no other chain of
that level can get further. An event tries its highest step first, so that it never stands twice in one chain.
The same holds for a window per step, also with optional steps: whenever an older chain may go on to a step,
the latest event of the last mandatory step before it, which is nearer, may go on as well.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from towpath.analytics.kernels.compiling import NOTHING, Bool, Int8, Int64, UInt16, UInt64, kernel


class Log(NamedTuple):
    """Events of a block of entities. `starts` points into the other arrays."""

    starts: Int64
    time: Int64
    code: UInt16
    ok: Bool
    """Whether the event's outcome was ok; empty = not known."""


class Plan(NamedTuple):
    """A funnel, compiled for the codes of one table."""

    steps: int
    window: int
    step_of: Int8
    """Steps that codes match, highest first, code after code."""
    step_starts: Int64
    """int64[codes + 1] into `step_of`."""
    terminal: Bool
    """bool[codes]."""
    entered_from: int
    entered_to: int
    """Half-open period outside of which an event of the first step is none."""


class Rules(NamedTuple):
    """What goes beyond the plain ordered funnel."""

    strict: bool
    before: Int64
    """Per step the lowest step that may stand directly before it; those in between are optional."""
    step_window: Int64
    """Per step the longest time since the step before it in the chain."""
    banned_from: Int64
    banned_to: Int64
    banned: Bool
    """bool[codes, exclusions]."""
    matters: Bool
    """bool[codes]: whether the code is a step or banned by some exclusion."""


class Findings(NamedTuple):
    """What the kernels write, one place per entity. Times and positions are -1 where there is none."""

    level: Int8
    reached: UInt64
    """Bit k: some chain ended at step k."""
    completed: UInt64
    """Bit k: step k was reached, and within the window of that chain an attempt from there on was ok."""
    entry: Int64
    first_entry: Int64
    converted_at: Int64
    converted_from: Int64
    """Where the chain began that first came to the last step; of several, the one that began last."""
    terminal_at: Int64
    furthest_at: Int64
    position: Int64
    """Of the latest event that brought the entity to its level, in the log's arrays."""


@kernel
def time_or_none(time: int) -> int:
    """-1 for no time: what leaves a kernel."""
    return -1 if time == NOTHING else time


@kernel
def steps_end(plan: Plan, code: int, time: int) -> int:
    """Where an event's steps end in `step_of`: before the first step, unless it is an entry of the period."""
    high: int = plan.step_starts[code + 1]
    if high == plan.step_starts[code] or plan.step_of[high - 1] != 0:
        return high
    return high if plan.entered_from <= time < plan.entered_to else high - 1


@kernel
def follow_entries(log: Log, plan: Plan, entity: int, out: Findings) -> None:
    """Write first and latest entry, and the first terminal event after it within the window."""
    first, latest, ended = NOTHING, NOTHING, NOTHING
    for i in range(log.starts[entity], log.starts[entity + 1]):
        code, time = log.code[i], log.time[i]
        high = steps_end(plan, code, time)
        if high > plan.step_starts[code] and plan.step_of[high - 1] == 0:
            first = time if first == NOTHING else first
            latest, ended = time, NOTHING
        elif plan.terminal[code] and latest != NOTHING and ended == NOTHING and time - latest <= plan.window:
            ended = time
    out.first_entry[entity] = time_or_none(first)
    out.entry[entity] = time_or_none(latest)
    out.terminal_at[entity] = time_or_none(ended)


@kernel
def plain(log: Log, plan: Plan, out: Findings) -> None:
    """The ordered funnel without further rules, with entries (as `follow_entries` does), in one pass."""
    start = np.full(plan.steps, NOTHING, np.int64)
    knows_ok = log.ok.size > 0
    for entity in range(out.level.size):
        level, converted, origin, furthest, position = 0, NOTHING, NOTHING, NOTHING, -1
        first, latest, ended = NOTHING, NOTHING, NOTHING
        reached, completed = np.uint64(0), np.uint64(0)
        for i in range(log.starts[entity], log.starts[entity + 1]):
            code, time = log.code[i], log.time[i]
            low, high = plan.step_starts[code], plan.step_starts[code + 1]
            enters = high > low and plan.step_of[high - 1] == 0
            if enters and not plan.entered_from <= time < plan.entered_to:
                enters, high = False, high - 1
            if enters:
                first = time if first == NOTHING else first
                latest, ended = time, NOTHING
            elif plan.terminal[code] and latest != NOTHING and ended == NOTHING:
                ended = time if time - latest <= plan.window else ended
            for j in range(low, high):
                step = plan.step_of[j]
                begin = time if step == 0 else start[step - 1]
                if begin == NOTHING or time - begin > plan.window:
                    continue
                start[step] = begin
                if knows_ok and log.ok[i]:
                    completed |= np.uint64(1) << np.uint64(step)
                if step + 1 >= level:
                    level, furthest, position = step + 1, time, i
                    reached |= np.uint64(1) << np.uint64(step)
                    if level == plan.steps and converted == NOTHING:
                        converted, origin = time, begin
        for step in range(level):
            start[step] = NOTHING
        out.level[entity] = level
        out.reached[entity], out.completed[entity] = reached, completed
        out.first_entry[entity], out.entry[entity] = time_or_none(first), time_or_none(latest)
        out.terminal_at[entity] = time_or_none(ended)
        out.converted_at[entity], out.converted_from[entity] = time_or_none(converted), time_or_none(origin)
        out.furthest_at[entity], out.position[entity] = time_or_none(furthest), position


@kernel
def latest_start(start: Int64, last: Int64, step: int, time: int, plan: Plan, rules: Rules) -> int:
    """Start of the best chain that an event of `step` at `time` makes longer; NOTHING without."""
    if step == 0:
        return time
    best = NOTHING
    for before in range(rules.before[step], step):
        begin = start[before]
        if begin == NOTHING or time - begin > plan.window or time - last[before] > rules.step_window[step]:
            continue
        best = max(best, begin)
    return best


@kernel
def break_off(code: int, start: Int64, fresh: Int64, rules: Rules) -> None:
    """End the chains that stand between the two steps of an exclusion the event falls under.

    A chain that this very event brought to the first of the two steps lives on: the event is not between.
    """
    for rule in range(rules.banned_from.size):
        if not rules.banned[code, rule]:
            continue
        first = rules.banned_from[rule]
        start[first] = fresh[first]
        for step in range(first + 1, rules.banned_to[rule]):
            start[step] = NOTHING
            fresh[step] = NOTHING


@kernel
def advance(log: Log, i: int, plan: Plan, rules: Rules, start: Int64, last: Int64, fresh: Int64) -> None:
    """Move the chains over event i; into the empty `fresh` come the starts of those that it made longer."""
    code, time = log.code[i], log.time[i]
    low, high = plan.step_starts[code], steps_end(plan, code, time)
    for j in range(low, high):
        step = plan.step_of[j]
        fresh[step] = latest_start(start, last, step, time, plan, rules)
    if rules.strict and low < plan.step_starts[code + 1]:
        start[:] = NOTHING
    for j in range(low, high):
        step = plan.step_of[j]
        if fresh[step] != NOTHING:
            start[step] = max(start[step], fresh[step])
            last[step] = time


@kernel
def ruled(log: Log, plan: Plan, rules: Rules, out: Findings) -> None:
    """The ordered funnel with any of: strict, optional steps, exclusions, a window per step."""
    start, last = np.empty(plan.steps, np.int64), np.empty(plan.steps, np.int64)
    fresh, begun = np.empty(plan.steps, np.int64), np.empty(plan.steps, np.int64)
    for entity in range(out.level.size):
        follow_entries(log, plan, entity, out)
        level, converted, origin, furthest, position = 0, NOTHING, NOTHING, NOTHING, -1
        reached, completed = np.uint64(0), np.uint64(0)
        start[:] = NOTHING
        begun[:] = NOTHING
        fresh[:] = NOTHING
        for i in range(log.starts[entity], log.starts[entity + 1]):
            code, time = log.code[i], log.time[i]
            if not rules.matters[code]:
                continue
            advance(log, i, plan, rules, start, last, fresh)
            low, high = plan.step_starts[code], steps_end(plan, code, time)
            for j in range(low, high):
                step = plan.step_of[j]
                bit = np.uint64(1) << np.uint64(step)
                if fresh[step] != NOTHING:
                    begun[step] = max(begun[step], fresh[step])
                    reached |= bit
                    if step + 1 >= level:
                        level, furthest, position = step + 1, time, i
                        if level == plan.steps and converted == NOTHING:
                            converted, origin = time, fresh[step]
                if log.ok.size and log.ok[i] and begun[step] != NOTHING and time - begun[step] <= plan.window:
                    completed |= bit
            break_off(code, start, fresh, rules)
            for j in range(low, high):
                fresh[plan.step_of[j]] = NOTHING
        out.level[entity] = level
        out.reached[entity], out.completed[entity] = reached, completed
        out.converted_at[entity], out.converted_from[entity] = time_or_none(converted), time_or_none(origin)
        out.furthest_at[entity], out.position[entity] = time_or_none(furthest), position
