"""Funnels: how far customers come along the steps of a journey, and where they are lost.

The definition is ClickHouse's windowFunnel, with re-entry. Steps are bits 0..steps-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np

from towpath.analytics.first_touch import Status, TimesToOutcome
from towpath.analytics.kernels.any_order import any_order
from towpath.analytics.kernels.blocks import blocks, in_threads
from towpath.analytics.kernels.chains import Findings, Log, plain, ruled
from towpath.analytics.kernels.compiling import Bool, Int8, Int64, UInt64, read_only
from towpath.analytics.kernels.parts import concatenated, one_spec, sum_known, tied_entities
from towpath.analytics.kernels.plans import empty_findings, plan_of, rows, rules_of
from towpath.analytics.sequences import NONE, Sequences

Mode = Literal["ordered", "strict", "any"]


@dataclass(frozen=True)
class FunnelSpec:
    """What counts as coming along the journey. Steps are numbered by their bit, from 0.

    - `ordered`: different events e1 < .. < ek, ei matching step i, time(ek) - time(e1) <= window; any entry.
    - `strict`: the same, and between neighbours of the chain lies no event that matches any step of the
      journey; a repeated step breaks the chain too. Terminal and inside events may lie between. (chdb's
      `strict_order` forgives repeats and stops for good at the first break.)
    - `any`: k different events match steps 1..k in whatever order, latest - earliest <= window.

    `optional` steps may be passed over (not the first, not the last). An entity has reached an optional step
    if some chain ends there, also when the chain that came furthest passed it over.
    `exclusions` (from step, to step, mask): once a chain stands at `from`, an event with a bit of the mask
    ends it unless it has come to `to`; the event that is itself the `from` or the `to` does not lie between.
    `step_windows`: one per step (or none at all), the longest time since the step before it in the chain.
    `entered` (from, to), UTC microseconds, half open: only chains whose event of the first step lies in the
    period; such an event outside is none, save that it still lies between others (`strict`, `exclusions`).
    Raises ValueError for what cannot be computed.
    """

    steps: int
    window_us: int
    mode: Mode = "ordered"
    terminals: int = 0
    optional: frozenset[int] = frozenset()
    exclusions: tuple[tuple[int, int, int], ...] = ()
    step_windows: tuple[int | None, ...] = ()
    entered: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        inner = range(1, self.steps - 1)
        complaints = [
            (not 1 <= self.steps <= 64, "a funnel has 1 to 64 steps"),
            (self.window_us < 0, "the window is negative"),
            (
                self.mode not in ("ordered", "strict", "any"),
                f"mode {self.mode!r}: use ordered, strict or any",
            ),
            (
                any(step not in inner for step in self.optional),
                "the first and the last step cannot be optional",
            ),
            (self.terminals & ((1 << self.steps) - 1) != 0, "a step cannot be a terminal outcome as well"),
            (len(self.step_windows) not in (0, self.steps), "give a window for each step, or for none"),
            (
                self.mode == "any" and bool(self.exclusions or self.step_windows),
                "exclusions and windows per step need an order: use ordered or strict",
            ),
        ]
        complaints += [
            (
                not 0 <= first < last < self.steps or first in self.optional or last in self.optional,
                f"exclusion {first} to {last}: name two steps in order, neither of them optional",
            )
            for first, last, _ in self.exclusions
        ]
        for is_wrong, complaint in complaints:
            if is_wrong:
                raise ValueError(f"Funnel: {complaint}.")


class Class(IntEnum):
    """Where an entity stands as of a time."""

    NOT_ENTERED = 0
    CONVERTED = 1
    FINISHED_OTHERWISE = 2
    OPEN = 3
    LOST = 4


@dataclass(frozen=True, eq=False)
class FunnelEntities:
    """One place per entity; times are UTC microseconds, -1 where there is none."""

    entity: Int64
    level: Int8
    """Highest step reached, counted from 1; 0 = never entered."""
    reached: UInt64
    """Bit k: some chain ended at step k."""
    completed: UInt64 | None
    """Bit k: step k was reached, and within the window of that chain an attempt from there on was ok."""
    entry: Int64
    """Latest event of the first step, in the period if one is asked for; `first_entry` the first such."""
    first_entry: Int64
    converted_at: Int64
    """When a chain first came to the last step."""
    converted_from: Int64
    """Where that chain began. In any order: the earliest event of the mandatory steps, as late as can be."""
    terminal_at: Int64
    """First terminal outcome after the latest entry, within the window."""
    furthest_at: Int64
    """When the entity last came to its level."""
    last: Int64
    """Its last event, recognised or not."""
    tied: Bool | None
    """Whether the order of its steps and outcomes rests on ties; None = ties are not known."""


@dataclass(frozen=True, eq=False)
class FunnelPartial:
    """What parts of the entities contribute; see `merge`."""

    spec: FunnelSpec
    entities: FunnelEntities


@dataclass(frozen=True)
class StepCounts:
    """Entities at one step. Those that stopped here are open, finished otherwise, or lost."""

    reached: int
    completed: int | None
    open: int
    finished_otherwise: int
    lost: int


@dataclass(frozen=True)
class FunnelResult:
    """Counts of entities. Without optional steps, reached at k less reached at k+1 is who stopped at k."""

    as_of_us: int
    entered: int
    converted: int
    ties: int | None
    """Entities whose order of steps and outcomes rests on ties."""
    steps: tuple[StepCounts, ...]


def partial(sequences: Sequences, spec: FunnelSpec, completed: Bool | None = None) -> FunnelPartial:
    """Follow every entity; `completed` is bool[n], whether an event's outcome was ok.

    Raises ValueError if `completed` has another shape.
    """
    found = search(sequences, spec, completed)
    return of_findings(sequences, spec, found, knows_completed=completed is not None)


def of_findings(
    sequences: Sequences, spec: FunnelSpec, found: Findings, knows_completed: bool = False
) -> FunnelPartial:
    """What `search` found, with the entities it found it for."""
    return FunnelPartial(
        spec,
        FunnelEntities(
            entity=sequences.entities,
            level=found.level,
            reached=found.reached,
            completed=found.completed if knows_completed else None,
            entry=found.entry,
            first_entry=found.first_entry,
            converted_at=found.converted_at,
            converted_from=found.converted_from,
            terminal_at=found.terminal_at,
            furthest_at=found.furthest_at,
            last=sequences.time[sequences.starts[1:] - 1],
            tied=tied_entities(sequences, sequences.masks & np.uint64(_mask_of(spec))),
        ),
    )


def merge(partials: Sequence[FunnelPartial]) -> FunnelPartial:
    """Put parts that share no entity together, in the order given."""
    spec = one_spec([part.spec for part in partials])
    return FunnelPartial(spec, concatenated([part.entities for part in partials]))


def classify(partial: FunnelPartial, as_of_us: int) -> Int8:
    """int8[entities] of `Class`.

    Finished otherwise: not converted, but a terminal outcome after the latest entry, within the window.

    Open: neither, and as-of less than a window after the latest entry. Lost: the rest.
    """
    found = partial.entities
    still_open = as_of_us - found.entry < partial.spec.window_us
    return np.select(
        [found.level == 0, found.level == partial.spec.steps, found.terminal_at != NONE, still_open],
        [
            np.int8(kind)
            for kind in (Class.NOT_ENTERED, Class.CONVERTED, Class.FINISHED_OTHERWISE, Class.OPEN)
        ],
        np.int8(Class.LOST),
    )


def times_to_outcome(partial: FunnelPartial, as_of_us: int) -> TimesToOutcome:
    """Input of the Aalen-Johansen estimate, by the rules of `classify`; as-of is UTC microseconds.

    Converted: the time that the converting chain took. Finished otherwise: from the latest entry to the
    terminal outcome. The others are followed from the latest entry for a window, or to as-of where that comes
    earlier. So the estimate is converted / entered once nobody is open.
    """
    found, kind = partial.entities, classify(partial, as_of_us)
    converted, otherwise = kind == Class.CONVERTED, kind == Class.FINISHED_OTHERWISE
    took, until_end = found.converted_at - found.converted_from, found.terminal_at - found.entry
    followed = np.clip(as_of_us - found.entry, 0, partial.spec.window_us)
    statuses = [np.int8(Status.CONVERTED), np.int8(Status.FINISHED_OTHERWISE)]
    entered = kind != Class.NOT_ENTERED
    return TimesToOutcome(
        entity=found.entity[entered],
        duration_us=np.select([converted, otherwise], [took, until_end], followed)[entered],
        status=np.select([converted, otherwise], statuses, np.int8(Status.CENSORED))[entered],
    )


def finish(partial: FunnelPartial, as_of_us: int) -> FunnelResult:
    """Count entities per step as of the source's watermark (UTC microseconds), never the wall clock."""
    found, steps = partial.entities, partial.spec.steps
    kinds = len(Class)
    place = found.level.astype(np.int64) * kinds + classify(partial, as_of_us)
    stopped = np.bincount(place, minlength=(steps + 1) * kinds).reshape(steps + 1, kinds)
    counts = []
    for step in range(steps):
        at = stopped[step + 1]
        counts.append(
            StepCounts(
                reached=_count_bit(found.reached, step),
                completed=None if found.completed is None else _count_bit(found.completed, step),
                open=int(at[Class.OPEN]),
                finished_otherwise=int(at[Class.FINISHED_OTHERWISE]),
                lost=int(at[Class.LOST]),
            )
        )
    return FunnelResult(
        as_of_us=as_of_us,
        entered=counts[0].reached,
        converted=counts[-1].reached,
        ties=None if found.tied is None else int(np.count_nonzero(found.tied)),
        steps=tuple(counts),
    )


def total(results: Sequence[FunnelResult]) -> FunnelResult:
    """The counts of parts that share no entity, as of one time. Raises ValueError without any."""
    one_spec([(each.as_of_us, len(each.steps)) for each in results])
    return FunnelResult(
        as_of_us=results[0].as_of_us,
        entered=sum(each.entered for each in results),
        converted=sum(each.converted for each in results),
        ties=sum_known([each.ties for each in results]),
        steps=tuple(_sum_of(step) for step in zip(*(each.steps for each in results), strict=True)),
    )


def _sum_of(parts: Sequence[StepCounts]) -> StepCounts:
    return StepCounts(
        reached=sum(each.reached for each in parts),
        completed=sum_known([each.completed for each in parts]),
        open=sum(each.open for each in parts),
        finished_otherwise=sum(each.finished_otherwise for each in parts),
        lost=sum(each.lost for each in parts),
    )


def _count_bit(masks: UInt64, bit: int) -> int:
    return int(np.count_nonzero(masks & np.uint64(1 << bit)))


def _mask_of(spec: FunnelSpec) -> int:
    mask = ((1 << spec.steps) - 1) | spec.terminals
    for _, _, banned in spec.exclusions:
        mask |= banned
    return mask


def search(sequences: Sequences, spec: FunnelSpec, completed: Bool | None = None) -> Findings:
    """What the kernels find for each entity; `position` points into the arrays of `sequences`."""
    if completed is not None and completed.shape != sequences.entity.shape:
        raise ValueError(f"'completed' has shape {completed.shape}, it must have one value per event.")
    masks, starts = sequences.masks, sequences.starts
    plan = plan_of(masks, spec.steps, spec.window_us, spec.terminals, spec.entered)
    rules = rules_of(
        masks, spec.steps, spec.mode == "strict", spec.optional, spec.exclusions, spec.step_windows
    )
    optional = read_only([step in spec.optional for step in range(spec.steps)], np.bool_)
    ok = read_only([] if completed is None else completed, np.bool_)
    findings = empty_findings(starts.size - 1)

    def one_block(block: slice) -> None:
        log = Log(starts[block.start : block.stop + 1], sequences.time, sequences.code, ok)
        if spec.mode == "any":
            any_order(log, plan, optional, rows(findings, block))
        elif spec.mode == "strict" or spec.optional or spec.exclusions or spec.step_windows:
            ruled(log, plan, rules, rows(findings, block))
        else:
            plain(log, plan, rows(findings, block))

    in_threads(one_block, blocks(starts))
    return findings
