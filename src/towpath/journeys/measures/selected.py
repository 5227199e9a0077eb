"""The entities that a selection chooses, with the entry by which it does, and what belongs to the period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics.instances import instances_of
from towpath.analytics.sequences import NONE, Sequences
from towpath.journeys.measures.evidence import Batch, Evidence
from towpath.journeys.measures.plan import ENTRY, Plan
from towpath.journeys.measures.selection import RETURNING, Selection
from towpath.journeys.measures.specs import funnel_spec

Bool = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Selected:
    """A batch of the chosen entities, all their events.

    `entry`: row of the entry that chose each, -1 without; `values`: per entity its segment, null where it has
    none or none was asked.
    """

    batch: Batch
    entry: Int64
    values: pa.ChunkedArray
    plan: Plan
    selection: Selection

    @cached_property
    def belonging(self) -> Batch:
        """The same entities, with the events that belong to the period as `Selection` says."""
        period, steps = self.selection.entered, self.plan.steps
        if period is None or not steps or self.selection.mode == "first-touch":
            return self.batch
        s = self.batch.sequences
        enters = (s.masks & np.uint64(1)).astype(np.bool_)[s.code]
        entries, so_far = np.flatnonzero(enters), np.cumsum(enters)
        first = np.repeat(np.searchsorted(entries, s.starts[:-1]), np.diff(s.starts))
        time = s.time[entries][np.maximum(so_far - 1, first)]
        return self.batch.of_rows((period[0] <= time) & (time < period[1]))


def selected(evidence: Evidence, selection: Selection, columns: Sequence[str] = ()) -> Iterator[Selected]:
    """The evidence's batches, narrowed to the entities that the selection chooses."""
    for batch in evidence.batches([*columns, *selection.columns]):
        yield narrowed(batch, evidence.plan, selection)


def narrowed(batch: Batch, plan: Plan, selection: Selection) -> Selected:
    """The entities of a batch (which has the columns of the selection) that the selection chooses."""
    entry = entry_rows(batch.sequences, plan.steps, selection)
    if selection.entered is not None and len(entry) and (entry == NONE).any():
        batch = batch.kept(entry != NONE)
        entry = entry_rows(batch.sequences, plan.steps, selection)
    return Selected(batch, entry, _values(batch, entry, plan, selection), plan, selection)


def entry_rows(s: Sequences, steps: int, selection: Selection) -> Int64:
    """Per entity the row of its latest entry in the period; in mode first-touch of its first entry, if that
    lies there; without steps of its first event, likewise. -1 without."""
    rows = np.flatnonzero((s.masks & np.uint64(1)).astype(np.bool_)[s.code]) if steps else s.starts[:-1]
    owner = np.searchsorted(s.starts, rows, side="right") - 1
    if selection.mode == "first-touch":
        owner, first = np.unique(owner, return_index=True)
        rows = rows[first]
    if selection.entered is not None:
        first_us, last_us = selection.entered
        inside = (s.time[rows] >= first_us) & (s.time[rows] < last_us)
        rows, owner = rows[inside], owner[inside]
    entry = np.full(len(s.entities), NONE, np.int64)
    entry[owner] = rows
    return entry


def _values(batch: Batch, entry: Int64, plan: Plan, selection: Selection) -> pa.ChunkedArray:
    """Text or numbers per entity."""
    by = selection.by
    if not by:
        return pa.chunked_array([pa.nulls(len(entry), pa.string())])
    if by == RETURNING:
        words = pa.array(["new", "returning"]).take(pa.array(_returned(batch, entry, plan, selection)))
        return pa.chunked_array([pc.if_else(pa.array(entry >= 0), words, pa.scalar(None, pa.string()))])
    there = np.flatnonzero(entry >= 0)
    found = batch.values_at(entry[there], by)
    place = np.full(len(entry), len(found), np.int64)
    place[there] = np.arange(len(there))
    if pa.types.is_dictionary(found.type):
        found = found.cast(pa.string())
    return pa.chunked_array([*found.chunks, pa.nulls(1, found.type)]).take(pa.array(place))


def _returned(batch: Batch, entry: Int64, plan: Plan, selection: Selection) -> npt.NDArray[np.int8]:
    """1 where the journey that the entry belongs to is not the entity's first; a retry is no return.

    Raises ValueError where the plan does not know the journey's steps, so that it cannot tell when one ended.
    """
    again = np.zeros(len(entry), np.int8)
    if not plan.steps:
        return again
    if plan.keys[0] == ENTRY:
        raise ValueError(
            "Over all event types nobody knows when a journey ends: for returning, look over steps or inside."
        )
    mode = selection.mode if selection.mode == "any" else "ordered"
    journeys = instances_of(batch.sequences, funnel_spec(plan, replace(selection, mode=mode)))
    there = np.flatnonzero(entry >= 0)
    place = np.searchsorted(journeys.begin, entry[there], side="right") - 1
    again[there] = journeys.earlier[place]
    return again
