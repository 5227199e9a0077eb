"""Friction: steps repeated in a row, going back, channel hops.

Only events of the journey's steps are compared, each with the step event before it in the same journey; an
event that matches several steps goes by the lowest. What lies where: at the step of the later event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from towpath.analytics.kernels.blocks import blocks, in_threads
from towpath.analytics.kernels.compiling import Int32, Int64, UInt16, UInt64, read_only
from towpath.analytics.kernels.detours import BACK, HOP, REPEAT, Detours, Walk, find_detours
from towpath.analytics.kernels.parts import concatenated, one_spec
from towpath.analytics.kernels.plans import NO_LIMIT, codes_with
from towpath.analytics.sequences import Sequences

UNKNOWN_CHANNEL = 65_535


@dataclass(frozen=True)
class FrictionSpec:
    """Steps are bits 0..steps-1.

    A journey ends with its last step or a terminal outcome (mask `terminals`): step 0 after that begins a new
    one. So does any step event later than `window_us` after the journey's first (None = no limit).
    Raises ValueError for what cannot be computed.
    """

    steps: int
    terminals: int = 0
    window_us: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 64:
            raise ValueError(f"Friction: {self.steps} steps, there must be 1 to 64.")
        if self.window_us is not None and self.window_us < 0:
            raise ValueError("Friction: the window is negative.")


@dataclass(frozen=True, eq=False)
class FrictionEntities:
    """One place per entity; columns are repeats, steps back, hops."""

    entity: Int64
    counts: Int32
    """int32[entities, 3] events."""
    steps: UInt64
    """uint64[entities, 3]: bit k = it happened at step k."""


@dataclass(frozen=True, eq=False)
class FrictionPartial:
    """What parts of the entities contribute."""

    spec: FrictionSpec
    events: Int64
    """int64[3, steps]: repeats, steps back, hops."""
    entities: FrictionEntities
    knows_channels: bool


@dataclass(frozen=True)
class Detour:
    """How often, and to how many entities."""

    events: int
    entities: int


@dataclass(frozen=True)
class StepFriction:
    """At one step."""

    repeats: Detour
    """The same step twice in a row."""
    backs: Detour
    """To an earlier step than the furthest of the journey; a repeat is not counted again."""
    hops: Detour | None
    """On another channel than the latest step event whose channel is known; None = no channels given."""


@dataclass(frozen=True)
class FrictionResult:
    """Per step, and in all; `entities` of the whole counts each entity once."""

    steps: tuple[StepFriction, ...]
    whole: StepFriction


def partial(sequences: Sequences, spec: FrictionSpec, channel: UInt16 | None = None) -> FrictionPartial:
    """Follow every entity; `channel` is uint16[n], 65535 = unknown. Raises ValueError for its shape."""
    if channel is not None and channel.shape != sequences.code.shape:
        raise ValueError(f"'channel' has shape {channel.shape}, it must have one value per event.")
    starts, size = sequences.starts, sequences.starts.size - 1
    walk = Walk(
        channel=read_only([] if channel is None else channel, np.uint16),
        no_channel=UNKNOWN_CHANNEL,
        step_of=sequences.lowest_bit((1 << spec.steps) - 1),
        terminal=codes_with(sequences.masks, spec.terminals),
        window=NO_LIMIT if spec.window_us is None else spec.window_us,
    )
    detours = Detours(np.empty((size, 3), np.int32), np.empty((size, 3), np.uint64))

    def one_block(block: slice) -> Int64:
        events = np.zeros((3, spec.steps), np.int64)
        inside = starts[block.start : block.stop + 1]
        of_block = Detours(detours.counts[block], detours.steps[block])
        find_detours(inside, sequences.time, sequences.code, walk, events, of_block)
        return events

    events = in_threads(one_block, blocks(starts))
    return FrictionPartial(
        spec=spec,
        events=np.add.reduce([np.zeros((3, spec.steps), np.int64), *events]),
        entities=FrictionEntities(sequences.entities, *detours),
        knows_channels=channel is not None,
    )


def merge(partials: Sequence[FrictionPartial]) -> FrictionPartial:
    """Put parts that share no entity together, in the order given."""
    return FrictionPartial(
        spec=one_spec([part.spec for part in partials]),
        events=np.add.reduce([part.events for part in partials]),
        entities=concatenated([part.entities for part in partials]),
        knows_channels=all(part.knows_channels for part in partials),
    )


def finish(partial: FrictionPartial) -> FrictionResult:
    """Count events and entities per step and in all."""
    found = partial.entities

    def detour(kind: int, step: int | None) -> Detour:
        if step is None:
            met = found.steps[:, kind] != 0
            return Detour(int(partial.events[kind].sum()), int(np.count_nonzero(met)))
        met = (found.steps[:, kind] & np.uint64(1 << step)) != 0
        return Detour(int(partial.events[kind, step]), int(np.count_nonzero(met)))

    def at(step: int | None) -> StepFriction:
        return StepFriction(
            repeats=detour(REPEAT, step),
            backs=detour(BACK, step),
            hops=detour(HOP, step) if partial.knows_channels else None,
        )

    return FrictionResult(tuple(at(step) for step in range(partial.spec.steps)), at(None))
