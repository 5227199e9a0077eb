"""Who meets components and services at a journey's steps: whose events name them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.journeys.measures.evidence import Batch, Evidence

COLUMNS = ("component", "service")
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Met:
    """At one step: `attempting`, the entities (customers, or cases) that attempt it; `meeting`, those whose
    events name one of the names; both distinct, in order. `names`: which of them the events name."""

    step: int
    attempting: Int64
    meeting: Int64
    names: frozenset[str]


def met(evidence: Evidence, names: Collection[str] | None, since_us: int) -> list[Met]:
    """By step, after then (UTC microseconds). `names`: None for all that events name."""
    definition = evidence.plan.definition
    if definition is None:
        return []
    wanted = None if names is None else pa.array(sorted(names), pa.string())

    def one_batch(batch: Batch) -> list[Met]:
        recent = batch.sequences.time > since_us
        return [_at_step(batch, recent, step, wanted) for step in range(len(definition.steps))]

    parts = evidence.each(one_batch, COLUMNS)
    return [
        Met(
            step,
            np.unique(np.concatenate([part[step].attempting for part in parts])),
            np.unique(np.concatenate([part[step].meeting for part in parts])),
            frozenset().union(*(part[step].names for part in parts)),
        )
        for step in range(len(definition.steps))
    ]


@dataclass(frozen=True, eq=False)
class Named:
    """At one step: `attempting` as in `Met`, and by each name those whose events name it; distinct."""

    attempting: Int64
    by_name: dict[str, Int64]


def met_by_name(evidence: Evidence, since_us: int) -> list[Named]:
    """By step, after then (UTC microseconds), for all that events name."""
    definition = evidence.plan.definition
    if definition is None:
        return []

    def one_batch(batch: Batch) -> list[Named]:
        recent = batch.sequences.time > since_us
        return [_named_at(batch, recent, step) for step in range(len(definition.steps))]

    parts = evidence.each(one_batch, COLUMNS)
    return [_joined([part[step] for part in parts]) for step in range(len(definition.steps))]


def _named_at(batch: Batch, recent: Bool, step: int) -> Named:
    s = batch.sequences
    is_step = ((s.masks >> np.uint64(step)) & np.uint64(1)).astype(np.bool_)
    rows = np.flatnonzero(recent & is_step[s.code])
    who = s.entity[rows]
    there = batch.columns.select(list(COLUMNS)).take(pa.array(rows))
    found: list[Named] = []
    for column in COLUMNS:
        encoded = there[column].cast(pa.string()).combine_chunks().dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        names = encoded.dictionary.to_pylist()
        found.append(Named(who, {name: who[codes == code] for code, name in enumerate(names)}))
    return _joined(found)


def _joined(parts: list[Named]) -> Named:
    names = sorted({name for part in parts for name in part.by_name})
    none = np.zeros(0, np.int64)
    return Named(
        np.unique(np.concatenate([none, *(part.attempting for part in parts)])),
        {name: np.unique(np.concatenate([part.by_name.get(name, none) for part in parts])) for name in names},
    )


def _at_step(batch: Batch, recent: Bool, step: int, wanted: pa.Array | None) -> Met:
    s = batch.sequences
    is_step = ((s.masks >> np.uint64(step)) & np.uint64(1)).astype(np.bool_)
    rows = np.flatnonzero(recent & is_step[s.code])
    there = batch.columns.select(list(COLUMNS)).take(pa.array(rows))
    named, names = np.zeros(rows.size, np.bool_), set()
    for column in COLUMNS:
        values = there[column].cast(pa.string())
        hit = pc.is_valid(values) if wanted is None else pc.is_in(values, value_set=wanted)
        named |= hit.to_numpy()
        names.update(pc.unique(values.filter(hit)).to_pylist())
    return Met(step, np.unique(s.entity[rows]), np.unique(s.entity[rows[named]]), frozenset(names))
