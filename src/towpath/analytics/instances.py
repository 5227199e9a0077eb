"""Journey instances: the several journeys of one entity, each with its first attempts and its end.

An instance begins at an event of step 0. A later one within the window of that beginning, before the instance
has come to the last step or a terminal outcome, is a retry of the same instance. After either, or when the
window has passed, the next event of step 0 begins a new one. An event exactly a window later still belongs to
it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from towpath.analytics.funnel import FunnelSpec
from towpath.analytics.kernels.blocks import blocks, in_threads
from towpath.analytics.kernels.compiling import Bool, Int8, Int64, UInt64, read_only
from towpath.analytics.kernels.instances import CONVERTED, TERMINAL, UNENDED, Found, Route, find_instances
from towpath.analytics.kernels.plans import codes_with
from towpath.analytics.sequences import NONE, Sequences

__all__ = ["CONVERTED", "TERMINAL", "UNENDED", "Instances", "instances_of"]


@dataclass(frozen=True, eq=False)
class Instances:
    """One place per instance, those of one entity in order and adjacent; rows are places in the sequences."""

    owner: Int64
    """int64[instances]: the entity's place in `Sequences.entities`."""
    begin: Int64
    """int64[instances]: row of the beginning."""
    stop: Int64
    """int64[instances]: the row after the last that belongs to it, recognised or not."""
    attempt: Int64
    """int64[instances, steps]: row of the first event of each step, -1 without."""
    end: Int8
    """int8[instances]: CONVERTED, TERMINAL, or UNENDED."""
    earlier: Bool
    """bool[instances]: whether the entity had an instance before; known when it begins."""


def instances_of(sequences: Sequences, spec: FunnelSpec) -> Instances:
    """Tell each entity's journeys apart by the window, terminal outcomes and optional steps of the spec.

    What comes to the last step ends an instance also where an exclusion, a window per step or strictness
    denies that it converted: the journey is over all the same. In mode `any`, all required steps end it.
    """
    s, starts = sequences, sequences.starts
    owner = np.repeat(np.arange(starts.size - 1), np.diff(starts))
    entering = owner[codes_with(s.masks, 1)[s.code]]
    room = np.searchsorted(entering, np.arange(starts.size - 1))
    size = entering.size
    found = Found(
        begin=np.full(size, NONE, np.int64),
        stop=np.full(size, NONE, np.int64),
        end=np.full(size, UNENDED, np.int8),
        attempt=np.full((size, spec.steps), NONE, np.int64),
    )
    route = _route(s.masks, spec)

    def one_block(block: slice) -> None:
        inside = starts[block.start : block.stop + 1]
        find_instances(inside, s.time, s.code, read_only(room[block], np.int64), route, found)

    in_threads(one_block, blocks(starts))
    there = found.begin != NONE
    of = entering[there]
    return Instances(
        owner=of,
        begin=found.begin[there],
        stop=found.stop[there],
        attempt=found.attempt[there],
        end=found.end[there],
        earlier=np.concatenate([[False], of[1:] == of[:-1]])[: of.size],
    )


def _route(masks: UInt64, spec: FunnelSpec) -> Route:
    before = [0]
    for step in range(1, spec.steps):
        passed = before[-1] if step - 1 in spec.optional else 0
        before.append(passed | 1 << (step - 1))
    needed = sum(1 << step for step in range(spec.steps) if step not in spec.optional)
    every_step = np.uint64((1 << spec.steps) - 1)
    return Route(
        met=read_only(masks & every_step, np.uint64),
        terminal=codes_with(masks, spec.terminals),
        before=read_only(before, np.uint64),
        required=read_only([needed] if spec.mode == "any" else [], np.uint64),
        window=spec.window_us,
    )
