"""The directly-follows graph: which activity comes after which, how often, and how much later.

Only recognised events count, neighbours after the unrecognised ones are left out. An event that is several
activities goes by the one with the lowest bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from towpath.analytics.kernels.blocks import blocks, in_threads
from towpath.analytics.kernels.compiling import Bool, Int64
from towpath.analytics.kernels.edges import count_edges, find_edge, write_durations
from towpath.analytics.kernels.parts import kinds_of, one_spec, sum_known, tied_entities
from towpath.analytics.kernels.quantiles import QUANTILES, Durations, durations
from towpath.analytics.sequences import Sequences

ALL = (1 << 64) - 1


@dataclass(frozen=True)
class FlowSpec:
    """`of`: mask of the activities to look at; the others are passed over as if unrecognised."""

    of: int = ALL


@dataclass(frozen=True, eq=False)
class FlowPartial:
    """What parts of the entities contribute; a is the number of activities, edge (i, j) lies at i * a + j."""

    spec: FlowSpec
    activities: tuple[str, ...]
    counts: Int64
    """int64[a * a]: pairs of neighbours."""
    entities: Int64
    """int64[a * a]: entities that have the pair."""
    pieces: tuple[tuple[Int64, Int64], ...]
    """Of each part: (int64[a * a + 1], int64) where an edge's durations begin, and the durations in
    microseconds, edge after edge, in no particular order within an edge."""
    begins: Int64
    """int64[a]: entities whose first activity it is."""
    ends: Int64
    cases: int
    """Entities with at least one activity."""
    ties: int | None


@dataclass(frozen=True)
class Edge:
    """`source` is directly followed by `target`."""

    source: str
    target: str
    count: int
    entities: int
    duration: Durations


@dataclass(frozen=True)
class FlowResult:
    """Edges with the most frequent first; begins and ends by activity name, without those at zero."""

    cases: int
    edges: tuple[Edge, ...]
    begins: dict[str, int]
    ends: dict[str, int]
    ties: int | None
    """Entities whose order of activities rests on ties; None where ties are not known."""


def partial(sequences: Sequences, spec: FlowSpec | None = None) -> FlowPartial:
    """Collect every pair of neighbours with its time apart."""
    spec = spec or FlowSpec()
    starts, code, size = sequences.starts, sequences.code, len(sequences.activities)
    name_of = sequences.lowest_bit(spec.of)
    logs = [starts[block.start : block.stop + 1] for block in blocks(starts)]
    counts, entities = (np.zeros((len(logs), size * size), np.int64) for _ in range(2))
    begins, ends = (np.zeros((len(logs), size), np.int64) for _ in range(2))

    def count(block: int) -> None:
        count_edges(logs[block], code, name_of, counts[block], entities[block], begins[block], ends[block])

    in_threads(count, list(range(len(logs))))
    apart = np.empty(int(counts.sum()), np.int64)
    places = _places(counts)

    def write(block: int) -> None:
        write_durations(logs[block], sequences.time, code, name_of, size, places[block], apart)

    in_threads(write, list(range(len(logs))))
    tied = tied_entities(sequences, kinds_of(name_of))
    return FlowPartial(
        spec=spec,
        activities=sequences.activities,
        counts=counts.sum(axis=0),
        entities=entities.sum(axis=0),
        pieces=((np.concatenate(([0], np.cumsum(counts.sum(axis=0)))), apart),),
        begins=begins.sum(axis=0),
        ends=ends.sum(axis=0),
        cases=int(begins.sum()),
        ties=None if tied is None else int(np.count_nonzero(tied)),
    )


def _places(counts: Int64) -> Int64:
    """int64[blocks, edges]: where each block begins to write an edge's durations, after the blocks before."""
    of_edge = np.concatenate(([0], np.cumsum(counts.sum(axis=0))))[:-1]
    return of_edge + np.cumsum(counts, axis=0) - counts


def merge(partials: Sequence[FlowPartial]) -> FlowPartial:
    """Put parts that share no entity together."""
    spec, activities = one_spec([(part.spec, part.activities) for part in partials])
    return FlowPartial(
        spec=spec,
        activities=activities,
        counts=np.add.reduce([part.counts for part in partials]),
        entities=np.add.reduce([part.entities for part in partials]),
        pieces=tuple(piece for part in partials for piece in part.pieces),
        begins=np.add.reduce([part.begins for part in partials]),
        ends=np.add.reduce([part.ends for part in partials]),
        cases=sum(part.cases for part in partials),
        ties=sum_known([part.ties for part in partials]),
    )


def finish(partial: FlowPartial, shares: Sequence[float] = QUANTILES) -> FlowResult:
    """Exact distributions per edge; `shares` are the quantiles wanted, in 0..1."""
    names, size = partial.activities, len(partial.activities)

    def one_edge(edge: int) -> Edge:
        return Edge(
            source=names[edge // size],
            target=names[edge % size],
            count=int(partial.counts[edge]),
            entities=int(partial.entities[edge]),
            duration=durations([apart[at[edge] : at[edge + 1]] for at, apart in partial.pieces], shares),
        )

    by_count = sorted(np.flatnonzero(partial.counts).tolist(), key=lambda edge: (-partial.counts[edge], edge))
    return FlowResult(
        cases=partial.cases,
        edges=tuple(in_threads(one_edge, by_count)),
        begins=_by_name(names, partial.begins),
        ends=_by_name(names, partial.ends),
        ties=partial.ties,
    )


def _by_name(names: Sequence[str], counts: Int64) -> dict[str, int]:
    return {name: int(count) for name, count in zip(names, counts, strict=True) if count}


def entities_of_edge(sequences: Sequences, source: int, target: int, spec: FlowSpec | None = None) -> Int64:
    """int64: entities in which activity (bit) `source` is directly followed by `target`."""
    starts, name_of = sequences.starts, sequences.lowest_bit((spec or FlowSpec()).of)
    found = np.empty(starts.size - 1, np.int64)

    def one_block(block: slice) -> None:
        find_edge(starts[block.start : block.stop + 1], sequences.code, name_of, source, target, found[block])

    in_threads(one_block, blocks(starts))
    has_it: Bool = found > 0
    return sequences.entities[has_it]
