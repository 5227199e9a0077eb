"""What a component carries: how the attempts at a journey's steps went whose events name it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.journeys.measures.evidence import Batch, Evidence
from towpath.journeys.measures.loss import experience

COLUMNS = ("component", "outcome", "latency_ms")
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Carried:
    """At one step. `entities`: customers, or cases; `measured`, `bad`: attempts that say how they went, and
    those that were a fault or slower than four times the target; `latency_ms` float64, of those that say."""

    step: int
    attempts: int
    entities: int
    measured: int
    bad: int
    latency_ms: npt.NDArray[np.float64]


def carried(evidence: Evidence, component: str, since_us: int) -> list[Carried]:
    """The steps at which the component was named since then (UTC microseconds), in the journey's order."""
    definition = evidence.plan.definition
    if definition is None:
        return []
    targets = [step.target for step in definition.steps]

    def one_batch(batch: Batch) -> list[Carried]:
        named = _named(batch.columns["component"], component)
        rows = np.flatnonzero(named & (batch.sequences.time >= since_us))
        return (
            [_at_step(batch, rows, step, target) for step, target in enumerate(targets)] if len(rows) else []
        )

    parts = evidence.each(one_batch, COLUMNS)
    return [
        found
        for step in range(len(targets))
        if (found := _joined(step, [part[step] for part in parts if part])).attempts
    ]


def _named(column: pa.ChunkedArray, name: str) -> Bool:
    """Where the text column says just that; dictionaries are asked once."""
    parts = [np.zeros(0, np.bool_)]
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type):
            place = chunk.dictionary.index(name).as_py()
            parts.append((chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) == place) & (place >= 0))
        else:
            parts.append(pc.equal(chunk, name).fill_null(False).to_numpy(zero_copy_only=False))
    return np.concatenate(parts)


def _at_step(batch: Batch, rows: npt.NDArray[np.int64], step: int, target: str) -> Carried:
    s = batch.sequences
    mine = rows[((s.masks >> np.uint64(step)) & np.uint64(1)).astype(np.bool_)[s.code[rows]]]
    events = batch.columns.select(["outcome", "latency_ms"]).take(pa.array(mine))
    bad, known = experience(events, target)
    owners = np.unique(np.searchsorted(s.starts, mine, side="right"))
    latency = events["latency_ms"].drop_null().to_numpy()
    return Carried(step, len(mine), len(owners), int(known.sum()), int((bad & known).sum()), latency)


def _joined(step: int, parts: list[Carried]) -> Carried:
    return Carried(
        step,
        sum(part.attempts for part in parts),
        sum(part.entities for part in parts),
        sum(part.measured for part in parts),
        sum(part.bad for part in parts),
        np.concatenate([np.empty(0), *(part.latency_ms for part in parts)]),
    )
