"""Runs of events, each sorted by entity and time, made into one log of whole entities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from towpath.analytics.kernels.compiling import Int64, UInt8, UInt16, kernel

LEFT_OUT = 65_535
"""The code of an event that does not come into the log."""


class Runs(NamedTuple):
    """Run r lies at bounds[r] to bounds[r + 1] of the columns; where two hold one entity, the earlier run's
    events come first."""

    bounds: Int64
    entity: Int64
    time: Int64
    code: UInt16


class Log(NamedTuple):
    """What `join` writes: room for all events of the runs, and for one start more than there are events."""

    entity: Int64
    time: Int64
    code: UInt16
    starts: Int64
    rows: Int64
    """Where each event lies in the runs' columns; empty = not wanted."""


@kernel
def join(runs: Runs, nobodys: Int64, last_replaces: bool, out: Log) -> tuple[int, int, int, int]:
    """Write the log; returns its events, entities, pairs of neighbours at one time, and where an event is
    earlier than the one before it (-1: nowhere).

    `nobodys` (ascending): entities that are left out. `last_replaces`: of an entity that the last run holds,
    the other runs' events are left out.
    """
    heads, bounds = runs.bounds[:-1].copy(), runs.bounds
    last, at, entities, equal, torn, nobody = heads.size - 1, 0, 0, 0, -1, 0
    while True:
        entity, found = np.int64(0), False
        for run in range(heads.size):
            if heads[run] < bounds[run + 1] and (not found or runs.entity[heads[run]] < entity):
                entity, found = runs.entity[heads[run]], True
        if not found:
            break
        nobody += int(np.searchsorted(nobodys[nobody:], entity))
        dropped = nobody < nobodys.size and nobodys[nobody] == entity
        replaced = last_replaces and heads[last] < bounds[last + 1] and runs.entity[heads[last]] == entity
        first = at
        for run in range(heads.size):
            i, kept = heads[run], not dropped and (run == last or not replaced)
            while i < bounds[run + 1] and runs.entity[i] == entity:
                if kept and runs.code[i] != LEFT_OUT:
                    time = runs.time[i]
                    if at > first and time <= out.time[at - 1]:
                        equal += 1
                        if time < out.time[at - 1] and torn < 0:
                            torn = at
                    out.entity[at], out.time[at], out.code[at] = entity, time, runs.code[i]
                    if out.rows.size:
                        out.rows[at] = i
                    at += 1
                i += 1
            heads[run] = i
        if at > first:
            out.starts[entities] = first
            entities += 1
    out.starts[entities] = at
    return at, entities, equal, torn


@kernel
def recode(codes: UInt8 | UInt16, meaning: UInt16, out: UInt16) -> None:
    """Write what each code means in the log."""
    for i in range(codes.size):
        out[i] = meaning[codes[i]]
