"""How each activity went: attempts, bad ones among those that say, what customers waited, and who met it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.journeys.measures.evidence import Batch, Evidence
from towpath.journeys.measures.loss import experience
from towpath.journeys.measures.selected import selected
from towpath.journeys.measures.selection import Selection

COLUMNS = ("outcome", "latency_ms")


@dataclass(frozen=True)
class Met:
    """Of one activity. `measured`: attempts with an outcome, or with a latency where there is a target;
    `bad`: those
    of them that were a fault or slower than four times the target. `median_latency_ms` is None without
    latencies."""

    attempts: int
    entities: int
    measured: int
    bad: int
    median_latency_ms: float | None


def measure_attempts(evidence: Evidence, selection: Selection) -> list[Met]:
    """Every activity's events among the entities that the selection chooses, in the order of their bits."""
    definition = evidence.plan.definition
    targets = [step.target for step in definition.steps] if definition else []
    targets += [""] * (len(evidence.plan.activities) - len(targets))
    parts = [
        [_met(part.belonging, bit, target) for bit, target in enumerate(targets)]
        for part in selected(evidence, selection, COLUMNS)
    ]
    return [_joined([part[bit] for part in parts]) for bit in range(len(targets))]


Counts = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]


def _met(batch: Batch, bit: int, target: str) -> Counts:
    """Attempts, entities, measured, bad (int64[4]); and the latencies."""
    s = batch.sequences
    rows = np.flatnonzero(((s.masks >> np.uint64(bit)) & np.uint64(1)).astype(np.bool_)[s.code])
    events = batch.columns.select(list(COLUMNS)).take(pa.array(rows))
    bad, known = experience(events, target)
    owners = np.searchsorted(s.starts, rows, side="right")
    entities = np.count_nonzero(np.diff(owners, prepend=-1))
    latency = events["latency_ms"].drop_null().to_numpy()
    return np.array([len(rows), entities, known.sum(), (bad & known).sum()]), latency


def _joined(parts: Sequence[Counts]) -> Met:
    attempts, entities, measured, bad = np.sum([counts for counts, _latency in parts], axis=0).tolist()
    latency = np.concatenate([each for _counts, each in parts])
    return Met(attempts, entities, measured, bad, float(np.median(latency)) if len(latency) else None)
