"""What a plan recognises in the events of one entity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics import funnel
from towpath.analytics.recognition import recognise
from towpath.analytics.sequences import Sequences
from towpath.journeys.measures.choosing import STATES
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.selection import Selection
from towpath.journeys.measures.specs import funnel_spec


@dataclass(frozen=True)
class Marks:
    """`bits`: per event the activities that it is. `entry`: UTC microseconds, -1 without; `level` from 1."""

    bits: tuple[tuple[int, ...], ...]
    entry: int
    level: int
    state: str


def marks_of(evidence: Evidence, entity: int, table: pa.Table) -> Marks:
    """`table`: all columns of the entity's events, in the order of events. Other sources' events have no
    marks."""
    plan = evidence.plan
    found = recognise(table, plan.rules)
    masks = found.masks[found.codes]
    if plan.sources:
        inside = pc.is_in(table["source"], pa.array(plan.sources, pa.string()))
        masks = np.where(inside.to_numpy(), masks, np.uint64(0))
    distinct, codes = np.unique(masks, return_inverse=True)
    times = table["time"].cast(pa.int64()).to_numpy()
    owner = np.full(len(times), entity, np.int64)
    sequences = Sequences(owner, times, codes.astype(np.uint16), distinct, None, plan.keys)
    levels = funnel.partial(sequences, funnel_spec(plan, Selection()))
    return Marks(
        bits=tuple(tuple(bit for bit in range(len(plan.rules)) if int(mask) >> bit & 1) for mask in masks),
        entry=int(levels.entities.entry[0]),
        level=int(levels.entities.level[0]),
        state=STATES[int(funnel.classify(levels, evidence.as_of_us)[0])],
    )
