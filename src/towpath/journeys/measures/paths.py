"""What follows what: the directly-follows graph and the variants of a plan's activities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.analytics import flow, variants
from towpath.analytics.flow import FlowResult, FlowSpec
from towpath.analytics.sequences import MOST_ACTIVITIES, Sequences
from towpath.analytics.variants import VariantsPartial, VariantsResult, VariantsSpec
from towpath.journeys.measures.evidence import Batch, Evidence
from towpath.journeys.measures.segmenting import segments_of
from towpath.journeys.measures.selected import entry_rows, selected
from towpath.journeys.measures.selection import Selection

Over = Literal["steps", "inside", "types"]
"""Which activities: steps and terminal outcomes; these and the inside items; all event types."""
BETWEEN = "(between)"
"""In strict mode: an event that is none of the activities, and so keeps its neighbours apart."""
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Group:
    """The batches of one segment; `name` is None for all entities together."""

    name: str | None
    batches: tuple[Batch, ...]


def groups(evidence: Evidence, selection: Selection, columns: Sequence[str] = ()) -> Iterator[Group]:
    """All entities together, then segment by segment where the selection compares."""
    parts = list(selected(evidence, selection, columns))
    yield Group(None, tuple(part.belonging for part in parts))
    if not selection.by:
        return
    values: list[pa.ChunkedArray] = [part.values for part in parts]
    segments = segments_of(values, np.ones(sum(len(each) for each in values), np.bool_))
    ends = np.cumsum([len(each) for each in values])
    of = np.split(segments.of, ends[:-1])
    for place, name in enumerate(segments.names):
        yield Group(name, tuple(p.belonging.kept(mine == place) for p, mine in zip(parts, of, strict=True)))


def measure_flow(evidence: Evidence, selection: Selection, of: int) -> list[tuple[str | None, FlowResult]]:
    """The graph over the activities of mask `of`: of all, then by segment. Raises ValueError for mode any."""
    if selection.mode == "any":
        raise ValueError("A flow is about the order; use the mode ordered, strict or first-touch.")
    return [(group.name, _flow(evidence, group, selection, of)) for group in groups(evidence, selection)]


def measure_variants(
    evidence: Evidence, selection: Selection, of: int, top: int
) -> list[tuple[str | None, VariantsResult]]:
    """The most frequent sequences of the activities of mask `of`. Raises ValueError for mode strict."""
    return [
        (group.name, variants.finish(variants_of(evidence, group, selection, of), top))
        for group in groups(evidence, selection)
    ]


def variants_of(evidence: Evidence, group: Group, selection: Selection, of: int) -> VariantsPartial:
    """Who has which variant. Raises ValueError for mode strict."""
    if selection.mode == "strict":
        raise ValueError("A variant leaves nothing out; use the mode ordered, any or first-touch.")
    spec = VariantsSpec(of=of)
    prepared = (events_of(batch, evidence, selection, of) for batch in group.batches)
    return variants.merge([variants.partial(sequences, spec) for sequences in prepared])


def entities_of_edge(evidence: Evidence, selection: Selection, of: int, source: int, target: int) -> Int64:
    """Entities in which activity (bit) `source` is directly followed by `target`."""
    spec, found = FlowSpec(of=of), []
    for part in selected(evidence, selection):
        sequences = events_of(part.belonging, evidence, selection, of)
        found.append(flow.entities_of_edge(_strictly(sequences, spec, selection), source, target, spec))
    return np.concatenate(found)


def _flow(evidence: Evidence, group: Group, selection: Selection, of: int) -> FlowResult:
    spec = FlowSpec(of=of)
    prepared = [
        _strictly(events_of(batch, evidence, selection, of), spec, selection) for batch in group.batches
    ]
    if selection.mode == "strict":
        spec = FlowSpec(of=of | 1 << len(evidence.plan.activities))
    result = flow.finish(flow.merge([flow.partial(sequences, spec) for sequences in prepared]))
    edges = tuple(edge for edge in result.edges if BETWEEN not in (edge.source, edge.target))
    return replace(result, edges=edges)


def events_of(batch: Batch, evidence: Evidence, selection: Selection, of: int) -> Sequences:
    """The events that count: within the window of the entry if one is asked for, and as the mode says.

    The entry is the latest, in mode first-touch the first.
    """
    s = batch.sequences
    if selection.window_us is not None:
        entry = entry_rows(s, evidence.plan.steps, selection)
        begins = np.where(
            entry >= 0, s.time[np.maximum(entry, 0)] if len(s.time) else entry, np.int64(-1) << 62
        )
        begin = np.repeat(begins, np.diff(s.starts))
        s = _rows(s, (s.time >= begin) & (s.time - begin <= selection.window_us))
    if selection.mode in ("first-touch", "any"):
        s = _firsts(s, of)
    return _unordered(s, of) if selection.mode == "any" else s


def _rows(s: Sequences, chosen: npt.NDArray[np.bool_] | Int64) -> Sequences:
    tie = None if s.tie is None else s.tie[chosen]
    return Sequences(s.entity[chosen], s.time[chosen], s.code[chosen], s.masks, tie, s.activities)


def _firsts(s: Sequences, of: int) -> Sequences:
    """Of each activity the first event of the entity."""
    bit = s.lowest_bit(of)[s.code].astype(np.int64)
    owner = np.repeat(np.arange(len(s.entities)), np.diff(s.starts))
    rows = np.flatnonzero(bit >= 0)
    _distinct, first = np.unique(owner[rows] * MOST_ACTIVITIES + bit[rows], return_index=True)
    return _rows(s, np.sort(rows[first]))


def _unordered(s: Sequences, of: int) -> Sequences:
    """Each entity's events in the order of their activities; times are of no use any more."""
    owner = np.repeat(np.arange(len(s.entities)), np.diff(s.starts))
    return _rows(s, np.lexsort((s.lowest_bit(of)[s.code], owner)))


def _strictly(s: Sequences, spec: FlowSpec, selection: Selection) -> Sequences:
    if selection.mode != "strict":
        return s
    if len(s.activities) == MOST_ACTIVITIES:
        raise ValueError(f"Strict needs one activity to spare; all {MOST_ACTIVITIES} are taken.")
    between = np.uint64(1 << len(s.activities))
    masks = np.where(s.masks & np.uint64(spec.of), s.masks, between)
    return Sequences(s.entity, s.time, s.code, masks, s.tie, (*s.activities, BETWEEN))
