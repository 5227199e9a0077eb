"""How many events each rule recognises, and which types of the followed entities no rule knows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.nameless import nameless_events
from towpath.journeys.measures.evidence import Evidence


@dataclass(frozen=True)
class Fitting:
    """Counts of events of those entities that the plan recognises at least once.

    `by_activity`: per bit, over all events. `unrecognised`: types and their events, the most frequent first.
    """

    events: int
    recognised: int
    by_activity: tuple[int, ...]
    unrecognised: tuple[tuple[str, int], ...]
    nameless: int
    """Events of the plan's sources that name nobody, where it follows customers: it leaves them out."""


def measure_fit(evidence: Evidence) -> Fitting:
    """Count over all events of the plan's sources."""
    events = recognised = 0
    by_activity = np.zeros(len(evidence.plan.activities), np.int64)
    types: Counter[str] = Counter()
    for batch in evidence.batches(["type"]):
        s = batch.sequences
        per_code = np.bincount(s.code, minlength=len(s.masks))
        for bit in range(len(by_activity)):
            by_activity[bit] += per_code[((s.masks >> np.uint64(bit)) & np.uint64(1)).astype(np.bool_)].sum()
        known = (s.masks != 0)[s.code]
        followed = np.add.reduceat(known, s.starts[:-1]) > 0 if len(known) else np.zeros(0, np.bool_)
        inside = np.repeat(followed, np.diff(s.starts))
        events += int(inside.sum())
        recognised += int(known.sum())
        unknown = batch.columns["type"].filter(pa.array(inside & ~known)).cast(pa.string())
        for entry in pc.value_counts(unknown.combine_chunks()).to_pylist():
            types[entry["values"]] += entry["counts"]
    ranked = sorted(types.items(), key=lambda found: (-found[1], found[0]))
    return Fitting(events, recognised, tuple(by_activity.tolist()), tuple(ranked), _nameless(evidence))


def _nameless(evidence: Evidence) -> int:
    if evidence.plan.follows != "customer":
        return 0
    by_source = nameless_events(evidence.snapshot)
    return sum(by_source.get(source, 0) for source in evidence.plan.sources or by_source)
