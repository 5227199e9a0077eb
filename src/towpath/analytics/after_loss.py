"""What lost customers did next: the first activity after the event that brought them to their level, if any.

Where that happened more than once, the latest such event counts. An event that is several activities goes by
the one with the lowest bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from towpath.analytics import funnel
from towpath.analytics.funnel import Class, FunnelPartial, FunnelSpec
from towpath.analytics.kernels.aftermath import find_next
from towpath.analytics.kernels.blocks import blocks, in_threads
from towpath.analytics.kernels.compiling import Bool, Int8, Int64
from towpath.analytics.kernels.parts import one_spec
from towpath.analytics.kernels.quantiles import QUANTILES, Durations, durations
from towpath.analytics.sequences import NONE, Sequences

ALL = (1 << 64) - 1


@dataclass(frozen=True)
class AfterLossSpec:
    """Whom the funnel counts as lost; `of`: mask of the activities to look for."""

    funnel: FunnelSpec
    of: int = ALL


@dataclass(frozen=True, eq=False)
class AfterLossPartial:
    """What parts of the entities contribute, whether or not they turn out to be lost."""

    spec: AfterLossSpec
    activities: tuple[str, ...]
    funnel: FunnelPartial
    activity: Int8
    """int8[entities]: bit of the next activity, -1 = none came."""
    waited_us: Int64
    """int64[entities] to that activity, -1 = none came."""


@dataclass(frozen=True)
class NextActivity:
    """`activity` None: nothing came; then there are no durations."""

    activity: str | None
    bit: int
    count: int
    share: float
    """Of those lost at that step."""
    duration: Durations


@dataclass(frozen=True)
class LostAt:
    """Those whose highest step is `step` (counted from 0) and who are lost there."""

    step: int
    lost: int
    following: tuple[NextActivity, ...]
    """The most frequent first."""


@dataclass(frozen=True)
class AfterLossResult:
    """One entry per step."""

    as_of_us: int
    lost: int
    steps: tuple[LostAt, ...]


def partial(sequences: Sequences, spec: AfterLossSpec) -> AfterLossPartial:
    """Look at what every entity did after it came to its level."""
    found = funnel.search(sequences, spec.funnel)
    return of_levels(sequences, spec, funnel.of_findings(sequences, spec.funnel, found), found.position)


def of_levels(
    sequences: Sequences, spec: AfterLossSpec, levels: FunnelPartial, position: Int64
) -> AfterLossPartial:
    """The same for levels found otherwise; `position` int64[entities]: row of the event that brought each to
    its level, -1 without."""
    starts, name_of = sequences.starts, sequences.lowest_bit(spec.of)
    activity, waited = np.empty(starts.size - 1, np.int8), np.empty(starts.size - 1, np.int64)

    def one_block(block: slice) -> None:
        find_next(
            starts[block.start : block.stop + 1],
            sequences.time,
            sequences.code,
            name_of,
            position[block],
            activity[block],
            waited[block],
        )

    in_threads(one_block, blocks(starts))
    return AfterLossPartial(spec, sequences.activities, levels, activity, waited)


def merge(partials: Sequence[AfterLossPartial]) -> AfterLossPartial:
    """Put parts that share no entity together, in the order given."""
    spec, activities = one_spec([(part.spec, part.activities) for part in partials])
    return AfterLossPartial(
        spec=spec,
        activities=activities,
        funnel=funnel.merge([part.funnel for part in partials]),
        activity=np.concatenate([part.activity for part in partials]),
        waited_us=np.concatenate([part.waited_us for part in partials]),
    )


def _lost_at(partial: AfterLossPartial, as_of_us: int, step: int) -> Bool:
    lost: Bool = funnel.classify(partial.funnel, as_of_us) == Class.LOST
    at_step: Bool = partial.funnel.entities.level == step + 1
    return lost & at_step


def finish(
    partial: AfterLossPartial, as_of_us: int, top: int = 10, shares: Sequence[float] = QUANTILES
) -> AfterLossResult:
    """The `top` next activities per step, with exact durations; `shares` are the quantiles wanted, in
    0..1."""

    def one_step(step: int) -> LostAt:
        chosen = _lost_at(partial, as_of_us, step)
        counts = np.bincount(partial.activity[chosen].astype(np.int64) + 1, minlength=1)
        by_count = sorted(np.flatnonzero(counts).tolist(), key=lambda place: (-counts[place], place))[:top]
        lost = int(counts.sum())
        return LostAt(step, lost, tuple(one_activity(chosen, place - 1, lost) for place in by_count))

    def one_activity(chosen: Bool, bit: int, lost: int) -> NextActivity:
        waited = partial.waited_us[chosen & (partial.activity == bit)]
        return NextActivity(
            activity=None if bit == NONE else partial.activities[bit],
            bit=bit,
            count=waited.size,
            share=waited.size / lost,
            duration=durations(waited[:0] if bit == NONE else waited, shares),
        )

    steps = tuple(one_step(step) for step in range(partial.spec.funnel.steps))
    return AfterLossResult(as_of_us, sum(step.lost for step in steps), steps)


def entities_lost_to(partial: AfterLossPartial, as_of_us: int, step: int, bit: int) -> Int64:
    """Entities lost at `step` (from 0) whose next activity was `bit`, -1 = none; int64."""
    chosen: Bool = _lost_at(partial, as_of_us, step) & (partial.activity == bit)
    return partial.funnel.entities.entity[chosen]
