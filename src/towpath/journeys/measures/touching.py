"""Mode first-touch: one entry, and of each step the first event after the one before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from towpath.analytics.first_touch import FirstTouchPartial
from towpath.analytics.funnel import FunnelPartial
from towpath.analytics.sequences import NONE, Sequences
from towpath.journeys.measures.evidence import Batch
from towpath.journeys.measures.plan import Plan
from towpath.journeys.measures.specs import mandatory_steps

Bool = npt.NDArray[np.bool_]


def mandatory(batch: Batch, plan: Plan) -> Sequences:
    """The sequences with the steps that may not be passed over as bits 0.., and the terminal outcomes after
    them.

    First touch waits for each step in turn, so that an optional one would hold up those who passed it over.
    """
    bits = mandatory_steps(plan)
    bits += [bit for bit, activity in enumerate(plan.activities) if activity.kind == "outcome"]
    s = batch.sequences
    masks = np.zeros_like(s.masks)
    for place, bit in enumerate(bits):
        masks |= ((s.masks >> np.uint64(bit)) & np.uint64(1)) << np.uint64(place)
    names = tuple(plan.keys[bit] for bit in bits)
    return Sequences(s.entity, s.time, s.code, masks, s.tie, names).starting_at(s.starts)


def levels_of_touches(
    levels: FunnelPartial, touched: FirstTouchPartial, batch: Batch, ok: Bool | None = None
) -> FunnelPartial:
    """The funnel of mode first-touch: the first entry alone counts, and each first step after the one before.

    An outcome before the last of them is the end: finished otherwise, in the counts as in the estimate.
    """
    times = touched.entities.times
    there = times != NONE
    level = there.sum(axis=1)
    at = np.take_along_axis(times, np.maximum(level - 1, 0)[:, None], 1)[:, 0]
    reached = (there.astype(np.uint64) << np.arange(times.shape[1], dtype=np.uint64)).sum(
        axis=1, dtype=np.uint64
    )
    return replace(
        levels,
        entities=replace(
            levels.entities,
            level=level.astype(np.int8),
            reached=reached,
            completed=None if ok is None else _completed(touched, batch, ok),
            entry=times[:, 0],
            first_entry=times[:, 0],
            converted_at=times[:, -1],
            converted_from=np.where(there[:, -1], times[:, 0], NONE),
            terminal_at=touched.entities.terminal_at,
            furthest_at=at,
        ),
    )


def _completed(touched: FirstTouchPartial, batch: Batch, ok: Bool) -> npt.NDArray[np.uint64]:
    """Per entity the steps of which an attempt was ok (bits): from the first touch on, within the window, and
    no later than the outcome that ended the journey."""
    times, ended, s = touched.entities.times, touched.entities.terminal_at, batch.sequences
    owner = np.repeat(np.arange(len(times)), np.diff(s.starts))
    last = np.where(ended == NONE, times[:, 0] + touched.spec.window_us, ended)
    found = np.zeros(len(times), np.uint64)
    for step in range(times.shape[1]):
        rows = np.flatnonzero(ok & ((s.masks >> np.uint64(step)) & np.uint64(1)).astype(np.bool_)[s.code])
        of = owner[rows]
        inside = (times[of, step] != NONE) & (s.time[rows] >= times[of, step]) & (s.time[rows] <= last[of])
        found[of[inside]] |= np.uint64(1 << step)
    return found
