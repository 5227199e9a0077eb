"""The directly-follows graph: which activity comes after which, how often, and how much later.

Only recognised events count, neighbours after the unrecognised ones are left out. An event that is several
activities goes by the one with the lowest bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from towpath.analytics.kernels.blocks import blocks, in_threads
from towpath.analytics.kernels.compiling import Bool, Int8, Int32, Int64, UInt16, UInt32
from towpath.analytics.kernels.edges import bins_of, find_edge, fineness_of, keep_durations, tally_edges
from towpath.analytics.kernels.parts import kinds_of, one_spec, sum_known, tied_entities
from towpath.analytics.kernels.quantiles import QUANTILES, Durations, of_ranks, ranks_of
from towpath.analytics.sequences import Sequences

ALL = (1 << 64) - 1


@dataclass(frozen=True)
class FlowSpec:
    """`of`: mask of the activities to look at; the others are passed over as if unrecognised."""

    of: int = ALL


@dataclass(frozen=True, eq=False)
class Piece:
    """Events of whole entities, and how far apart their pairs of neighbours are.

    `tally` uint32[a * a, bins]: pairs by edge and bin of their time apart.
    """

    starts: Int64
    time: Int64
    code: UInt16
    name_of: Int8
    tally: UInt32


@dataclass(frozen=True, eq=False)
class FlowPartial:
    """What parts of the entities contribute; a is the number of activities, edge (i, j) lies at i * a + j."""

    spec: FlowSpec
    activities: tuple[str, ...]
    counts: Int64
    """int64[a * a]: pairs of neighbours."""
    entities: Int64
    """int64[a * a]: entities that have the pair."""
    pieces: tuple[Piece, ...]
    """The parts' events, in which `finish` finds the quantiles."""
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
    """Count every pair of neighbours by its time apart."""
    spec = spec or FlowSpec()
    starts, code, size = sequences.starts, sequences.code, len(sequences.activities)
    name_of, fineness = sequences.lowest_bit(spec.of), fineness_of(size)
    logs = [starts[block.start : block.stop + 1] for block in blocks(starts)]
    entities = np.zeros((len(logs), size * size), np.int64)
    begins, ends = (np.zeros((len(logs), size), np.int64) for _ in range(2))

    def count(block: int) -> Piece:
        tally = np.zeros((size * size, bins_of(fineness)), np.uint32)
        tally_edges(
            logs[block], sequences.time, code, name_of, fineness, tally, entities[block], begins[block],
            ends[block],
        )  # fmt: skip
        return Piece(logs[block], sequences.time, code, name_of, tally)

    pieces = in_threads(count, list(range(len(logs))))
    tied = tied_entities(sequences, kinds_of(name_of))
    return FlowPartial(
        spec=spec,
        activities=sequences.activities,
        counts=sum(
            (piece.tally.sum(axis=1, dtype=np.int64) for piece in pieces), np.zeros(size**2, np.int64)
        ),
        entities=entities.sum(axis=0),
        pieces=tuple(pieces),
        begins=begins.sum(axis=0),
        ends=ends.sum(axis=0),
        cases=int(begins.sum()),
        ties=None if tied is None else int(np.count_nonzero(tied)),
    )


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
    by_count = sorted(np.flatnonzero(partial.counts).tolist(), key=lambda edge: (-partial.counts[edge], edge))
    at = _at_ranks(partial, {edge: ranks_of(int(partial.counts[edge]), shares) for edge in by_count})
    edges = [
        Edge(
            source=names[edge // size],
            target=names[edge % size],
            count=int(partial.counts[edge]),
            entities=int(partial.entities[edge]),
            duration=of_ranks(int(partial.counts[edge]), at[edge], shares),
        )
        for edge in by_count
    ]
    return FlowResult(
        cases=partial.cases,
        edges=tuple(edges),
        begins=_by_name(names, partial.begins),
        ends=_by_name(names, partial.ends),
        ties=partial.ties,
    )


def _at_ranks(partial: FlowPartial, ranks: Mapping[int, list[int]]) -> dict[int, dict[int, int]]:
    """Microseconds at these ranks of each edge's durations: only the bins that hold one are looked into."""
    if not ranks:
        return {}
    edges, size = list(ranks), len(partial.activities)
    tally = np.add.reduce([piece.tally[edges] for piece in partial.pieces], dtype=np.int64)
    before = np.concatenate([np.zeros((len(edges), 1), np.int64), np.cumsum(tally, axis=1)], axis=1)
    wanted = np.full((size * size, tally.shape[1]), -1, np.int32)
    asked: list[tuple[int, int]] = []
    for row, edge in enumerate(edges):
        bins = np.unique(np.searchsorted(before[row], ranks[edge], side="right") - 1)
        wanted[edge, bins] = np.arange(len(asked), len(asked) + len(bins))
        asked += [(row, int(bin_)) for bin_ in bins]
    kept = _kept(partial, wanted, [(edges[row], bin_) for row, bin_ in asked])
    found: dict[int, dict[int, int]] = {edge: {} for edge in edges}
    for (row, bin_), values in zip(asked, kept, strict=True):
        inside = [rank for rank in ranks[edges[row]] if before[row, bin_] <= rank < before[row, bin_ + 1]]
        found[edges[row]] |= {rank: int(values[rank - before[row, bin_]]) for rank in inside}
    return found


def _kept(partial: FlowPartial, wanted: Int32, bins: Sequence[tuple[int, int]]) -> list[Int64]:
    """The durations of each of these bins (edge, bin), ascending."""
    edges, places_of = (np.array(column, np.int64) for column in zip(*bins, strict=True))
    sizes = np.array([piece.tally[edges, places_of] for piece in partial.pieces], np.int64)
    bounds = np.concatenate([[0], np.cumsum(sizes.sum(axis=0))])
    places, kept = bounds[:-1] + np.cumsum(sizes, axis=0) - sizes, np.empty(int(bounds[-1]), np.int64)
    size = len(partial.activities)

    def keep(number: int) -> None:
        of, here = partial.pieces[number], places[number]
        keep_durations(of.starts, of.time, of.code, of.name_of, fineness_of(size), size, wanted, here, kept)

    in_threads(keep, list(range(len(partial.pieces))))
    return in_threads(np.sort, np.split(kept, bounds[1:-1]))


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
