"""Whose turn it is: how much of a journey's time waits for the customer, for each department, for a
supplier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from towpath.analytics.kernels.blocks import blocks, in_threads
from towpath.analytics.kernels.compiling import Bool, Int64, read_only
from towpath.analytics.kernels.parts import concatenated, one_spec
from towpath.analytics.kernels.plans import codes_with
from towpath.analytics.kernels.turn_clock import Clocks, Signals, run_clocks
from towpath.analytics.sequences import NONE, Sequences

FOREVER_US = 1 << 62
"""Longer than any time between two events; leaves room to add it to a time."""


@dataclass(frozen=True)
class TurnsSpec:
    """Who must act after what.

    `turn_of[bit]`: index of the party that must act after that activity, -1 = it changes nothing (also for
    bits that are left out). An event of several activities goes by the lowest bit that changes something.
    The step that an entity is at is the lowest step bit of its latest step event.
    `ends`: mask of the activities that end the clock (conversion, terminal outcomes).
    `window_us`: the clock ends that long after the latest entry; None = never.
    Raises ValueError for what cannot be computed.
    """

    steps: int
    parties: int
    turn_of: tuple[int, ...]
    ends: int
    window_us: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "turn_of", tuple(int(party) for party in self.turn_of))
        if not 1 <= self.steps <= 64:
            raise ValueError(f"Turns: {self.steps} steps, there must be 1 to 64.")
        if not 0 <= self.parties <= 127:
            raise ValueError(f"Turns: {self.parties} parties, there must be 0 to 127.")
        if len(self.turn_of) > 64 or any(not NONE <= party < self.parties for party in self.turn_of):
            raise ValueError(f"Turns: 'turn_of' names a party for each bit, -1 to {self.parties - 1}.")
        if self.window_us is not None and not 0 <= self.window_us <= FOREVER_US:
            raise ValueError("Turns: the window is negative or longer than time itself.")


@dataclass(frozen=True, eq=False)
class TurnsEntities:
    """One place per entity: closed time, and the clock that still runs."""

    entity: Int64
    spent: Int64
    """int64[entities, parties + 1] microseconds; the last place is time that waits for nobody who was
    named."""
    runs: Bool
    """Whether a turn is still open after the last event; if not, the columns below mean nothing."""
    since: Int64
    """UTC microseconds from which the open turn is not yet in `spent`."""
    until: Int64
    """UTC microseconds at which its window ends."""
    party: Int64
    """Whose the open turn is; the number of parties = nobody who was named."""
    step: Int64


@dataclass(frozen=True, eq=False)
class TurnsPartial:
    """What parts of the entities contribute."""

    spec: TurnsSpec
    by_step: Int64
    """int64[parties + 1, steps] microseconds of closed time."""
    entities: TurnsEntities


@dataclass(frozen=True)
class Turn:
    """Time that waited for one party. `share` is of all time, None where there is no time at all."""

    party: int | None
    """Index of the party; None = time that waits for nobody who was named."""
    total_us: int
    share: float | None
    by_step_us: tuple[int, ...]
    """By the step that entities were at."""


@dataclass(frozen=True)
class TurnsResult:
    """Every party in the order of its index, then nobody. `still_open`: entities whose clock runs at
    as-of."""

    as_of_us: int
    total_us: int
    still_open: int
    turns: tuple[Turn, ...]


def partial(sequences: Sequences, spec: TurnsSpec) -> TurnsPartial:
    """Run the clock of every entity."""
    starts, size, parties = sequences.starts, sequences.starts.size - 1, spec.parties + 1
    signals = _signals(sequences, spec)
    window = FOREVER_US if spec.window_us is None else spec.window_us
    times = [np.empty(size, np.int64) for _ in range(4)]
    clocks = Clocks(np.empty((size, parties), np.int64), np.empty(size, np.bool_), *times)

    def one_block(block: slice) -> Int64:
        by_step = np.zeros((parties, spec.steps), np.int64)
        inside = starts[block.start : block.stop + 1]
        of_block = Clocks._make(column[block] for column in clocks)
        run_clocks(inside, sequences.time, sequences.code, signals, window, by_step, of_block)
        return by_step

    by_step = in_threads(one_block, blocks(starts))
    return TurnsPartial(
        spec=spec,
        by_step=np.add.reduce([np.zeros((parties, spec.steps), np.int64), *by_step]),
        entities=TurnsEntities(sequences.entities, *clocks),
    )


def _signals(sequences: Sequences, spec: TurnsSpec) -> Signals:
    says = sum(1 << bit for bit, party in enumerate(spec.turn_of) if party != NONE)
    bits = sequences.lowest_bit(says)
    return Signals(
        party=read_only([NONE if bit == NONE else spec.turn_of[bit] for bit in bits.tolist()], np.int8),
        step=sequences.lowest_bit((1 << spec.steps) - 1),
        ends=codes_with(sequences.masks, spec.ends),
    )


def merge(partials: Sequence[TurnsPartial]) -> TurnsPartial:
    """Put parts that share no entity together, in the order given."""
    return TurnsPartial(
        spec=one_spec([part.spec for part in partials]),
        by_step=np.add.reduce([part.by_step for part in partials]),
        entities=concatenated([part.entities for part in partials]),
    )


def _open_us(partial: TurnsPartial, as_of_us: int) -> Int64:
    """int64[entities]: what the turn that is still open has taken as of then."""
    found = partial.entities
    open_us = np.minimum(found.until, as_of_us) - found.since
    return np.where(found.runs, np.maximum(open_us, 0), 0)


def spent_by_entity(partial: TurnsPartial, as_of_us: int) -> Int64:
    """int64[entities, parties + 1] microseconds, open turns up to as-of included; the last place is
    nobody's."""
    found = partial.entities
    spent = found.spent.copy()
    spent[np.arange(found.entity.size), found.party] += _open_us(partial, as_of_us)
    return spent


def finish(partial: TurnsPartial, as_of_us: int) -> TurnsResult:
    """Add up; an open turn lasts to `as_of_us` (the source's watermark, UTC microseconds) or to its window's
    end."""
    found, open_us = partial.entities, _open_us(partial, as_of_us)
    by_step = partial.by_step.copy()
    np.add.at(by_step, (found.party, found.step), open_us)
    total = int(by_step.sum())
    turns = [
        Turn(
            party=None if party == partial.spec.parties else party,
            total_us=int(row.sum()),
            share=int(row.sum()) / total if total else None,
            by_step_us=tuple(row.tolist()),
        )
        for party, row in enumerate(by_step)
    ]
    still_open = int(np.count_nonzero(found.runs & (found.until > as_of_us)))
    return TurnsResult(as_of_us, total, still_open, tuple(turns))
