"""First-touch times: entry is the first event of step 1, each next step the first event after that.

A terminal outcome that comes before the first touch of the last step ends the journey: what comes later is no
touch of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from towpath.analytics.kernels.blocks import blocks, in_threads
from towpath.analytics.kernels.compiling import Bool, Int8, Int64, read_only
from towpath.analytics.kernels.parts import concatenated, one_spec, sum_known, tied_entities
from towpath.analytics.kernels.plans import ALWAYS, codes_with
from towpath.analytics.kernels.quantiles import QUANTILES, Durations, durations
from towpath.analytics.kernels.touches import Touches, count_reached, first_touches, times_apart
from towpath.analytics.sequences import NONE, Sequences


@dataclass(frozen=True)
class FirstTouchSpec:
    """Steps are bits 0..steps-1; all lie within the window (microseconds) of the entry.

    `terminals`: mask of the outcomes that end a journey otherwise. `entered` (from, to), UTC microseconds,
    half open: the entry is the first event of step 1 in that period.
    Raises ValueError for what cannot be computed.
    """

    steps: int
    window_us: int
    terminals: int = 0
    entered: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 64:
            raise ValueError(f"First touch: {self.steps} steps, there must be 1 to 64.")
        if self.window_us < 0:
            raise ValueError("First touch: the window is negative.")
        if self.terminals & ((1 << self.steps) - 1):
            raise ValueError("First touch: a step cannot be a terminal outcome as well.")


class Status(IntEnum):
    """How a journey ended, for estimates with competing risks."""

    CENSORED = 0
    CONVERTED = 1
    FINISHED_OTHERWISE = 2


@dataclass(frozen=True, eq=False)
class FirstTouchEntities:
    """One place per entity; UTC microseconds, -1 where there is none."""

    entity: Int64
    times: Int64
    """int64[entities, steps]. An event that matches several steps takes only the one that is waited for."""
    terminal_at: Int64
    """First terminal outcome after the entry and before conversion, within the window; no touch is later."""
    tied: Bool | None
    """Whether the order of its steps and outcomes rests on ties; None = ties are not known."""


@dataclass(frozen=True, eq=False)
class FirstTouchPartial:
    """What parts of the entities contribute."""

    spec: FirstTouchSpec
    entities: FirstTouchEntities


@dataclass(frozen=True)
class StepTimes:
    """How long it took to a step, among those who came there."""

    from_previous: Durations
    from_entry: Durations


@dataclass(frozen=True)
class FirstTouchResult:
    """Per step, the first with zeros; `ties`: entities whose order rests on ties, None where not known."""

    steps: tuple[StepTimes, ...]
    ties: int | None


@dataclass(frozen=True, eq=False)
class TimesToOutcome:
    """Of every entity that entered: how long it was followed, and what ended that."""

    entity: Int64
    duration_us: Int64
    status: Int8
    """int8 of `Status`."""


def partial(sequences: Sequences, spec: FirstTouchSpec) -> FirstTouchPartial:
    """Follow every entity from its entry."""
    return of_touches(sequences, spec, search(sequences, spec))


def search(sequences: Sequences, spec: FirstTouchSpec) -> Touches:
    """What the walk finds for each entity; `position` points into the arrays of `sequences`."""
    starts, terminal = sequences.starts, codes_with(sequences.masks, spec.terminals)
    size = starts.size - 1
    touches = Touches(np.empty((size, spec.steps), np.int64), *(np.empty(size, np.int64) for _ in range(2)))

    def one_block(block: slice) -> None:
        first_touches(
            starts[block.start : block.stop + 1],
            sequences.time,
            sequences.code,
            sequences.masks,
            terminal,
            spec.window_us,
            spec.entered or ALWAYS,
            Touches._make(column[block] for column in touches),
        )

    in_threads(one_block, blocks(starts))
    return touches


def of_touches(sequences: Sequences, spec: FirstTouchSpec, touches: Touches) -> FirstTouchPartial:
    """What `search` found, with the entities it found it for."""
    relevant = np.uint64(((1 << spec.steps) - 1) | spec.terminals)
    tied = tied_entities(sequences, sequences.masks & relevant)
    found = FirstTouchEntities(sequences.entities, touches.times, touches.terminal_at, tied)
    return FirstTouchPartial(spec, found)


def merge(partials: Sequence[FirstTouchPartial]) -> FirstTouchPartial:
    """Put parts that share no entity together, in the order given."""
    spec = one_spec([part.spec for part in partials])
    return FirstTouchPartial(spec, concatenated([part.entities for part in partials]))


@dataclass(frozen=True, eq=False)
class TimesApart:
    """What is left of a partial once nobody asks who it was; much smaller."""

    spec: FirstTouchSpec
    pieces: tuple[tuple[Int64, Int64, Int64], ...]
    """Of each part: (int64[steps + 1]) where a step's times begin; microseconds from the step before and from
    the entry, step after step."""
    ties: int | None


def apart(partial: FirstTouchPartial) -> TimesApart:
    """The times between the touches alone."""
    times, tied = read_only(partial.entities.times, np.int64), partial.entities.tied
    places = np.concatenate(([0], np.cumsum(count_reached(times))))
    from_previous, from_entry = np.empty(places[-1], np.int64), np.empty(places[-1], np.int64)
    times_apart(times, places[:-1].copy(), from_previous, from_entry)
    ties = None if tied is None else int(np.count_nonzero(tied))
    return TimesApart(partial.spec, ((places, from_previous, from_entry),), ties)


def merge_apart(parts: Sequence[TimesApart]) -> TimesApart:
    """Put parts that share no entity together."""
    spec = one_spec([part.spec for part in parts])
    pieces = tuple(piece for part in parts for piece in part.pieces)
    return TimesApart(spec, pieces, sum_known([part.ties for part in parts]))


def finish(partial: FirstTouchPartial | TimesApart, shares: Sequence[float] = QUANTILES) -> FirstTouchResult:
    """Exact distributions; `shares` are the quantiles wanted, in 0..1."""
    found = apart(partial) if isinstance(partial, FirstTouchPartial) else partial

    def one_step(step: int) -> StepTimes:
        there = [(slice(at[step], at[step + 1]), before, entry) for at, before, entry in found.pieces]
        return StepTimes(
            durations([before[rows] for rows, before, _ in there], shares),
            durations([entry[rows] for rows, _, entry in there], shares),
        )

    return FirstTouchResult(tuple(in_threads(one_step, list(range(found.spec.steps)))), found.ties)


def times_to_outcome(partial: FirstTouchPartial, as_of_us: int) -> TimesToOutcome:
    """Input of the Aalen-Johansen estimate: who converted, finished otherwise first, or is censored.

    An entity is followed for a window, or to as-of where that comes earlier.
    """
    found = partial.entities
    entered = found.times[:, 0] != NONE
    entry, converted_at = found.times[entered, 0], found.times[entered, -1]
    terminal_at = found.terminal_at[entered]
    followed = np.clip(as_of_us - entry, 0, partial.spec.window_us)
    otherwise, converted = terminal_at != NONE, converted_at != NONE
    return TimesToOutcome(
        entity=found.entity[entered],
        duration_us=np.select([otherwise, converted], [terminal_at - entry, converted_at - entry], followed),
        status=np.select(
            [otherwise, converted],
            [np.int8(Status.FINISHED_OTHERWISE), np.int8(Status.CONVERTED)],
            np.int8(Status.CENSORED),
        ),
    )
