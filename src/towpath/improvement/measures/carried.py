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
    """At one step. `attempts` that name the component; `entities`: customers, or cases, who made them; `bad`:
    those that were a fault or slower than four times the target; `measured`: all attempts at the step that
    say how they went, whatever they name; `latency_ms` float64, of those that name it and say."""

    step: int
    attempts: int
    entities: int
    bad: int
    measured: int
    latency_ms: npt.NDArray[np.float64]


def carried(evidence: Evidence, component: str, since_us: int) -> list[Carried]:
    """The steps at which the component was named after then (UTC microseconds), in the journey's order."""
    definition = evidence.plan.definition
    if definition is None:
        return []
    targets = [step.target for step in definition.steps]

    def one_batch(batch: Batch) -> list[Carried]:
        recent = batch.sequences.time > since_us
        named = _named(batch.columns["component"], component)
        return [_at_step(batch, recent, named, step, target) for step, target in enumerate(targets)]

    parts = evidence.each(one_batch, COLUMNS)
    return [
        found
        for step in range(len(targets))
        if (found := _joined(step, [part[step] for part in parts])).attempts
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


def _at_step(batch: Batch, recent: Bool, named: Bool, step: int, target: str) -> Carried:
    s = batch.sequences
    is_step = ((s.masks >> np.uint64(step)) & np.uint64(1)).astype(np.bool_)
    rows = np.flatnonzero(recent & is_step[s.code])
    bad, known = experience(batch.columns.select(["outcome", "latency_ms"]).take(pa.array(rows)), target)
    mine = named[rows]
    owners = np.unique(np.searchsorted(s.starts, rows[mine], side="right"))
    latency = batch.columns["latency_ms"].take(pa.array(rows[mine])).drop_null().to_numpy()
    return Carried(
        step, int(mine.sum()), len(owners), int((bad & known & mine).sum()), int(known.sum()), latency
    )


def _joined(step: int, parts: list[Carried]) -> Carried:
    return Carried(
        step,
        sum(part.attempts for part in parts),
        sum(part.entities for part in parts),
        sum(part.bad for part in parts),
        sum(part.measured for part in parts),
        np.concatenate([np.empty(0), *(part.latency_ms for part in parts)]),
    )
