"""Events that name nobody: neither a customer (`identifier`) nor a case.

They count as events of their source and service, but belong to nobody's story, so a journey that follows
customers leaves them out.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.lake.snapshot import Snapshot
from towpath.events.lake.storage import Store


def nameless_rows(batch: pa.RecordBatch) -> int:
    """How many rows of a batch of EVENT_SCHEMA name nobody."""
    empty = [pc.equal(pc.fill_null(batch.column(name), ""), "") for name in ("identifier", "case")]
    return int(pc.sum(pc.and_(*empty)).as_py() or 0)


def nameless_events(snapshot: Snapshot) -> dict[str, int]:
    """How many events of each source name nobody. Each file is looked through once."""
    found: dict[str, int] = {}
    for file in snapshot.files:
        for source, events in _in_file(snapshot.store, file.path).items():
            found[source] = found.get(source, 0) + events
    return found


@lru_cache(maxsize=16_384)
def _in_file(store: Store, path: str) -> dict[str, int]:
    names = ("identifier", "case", "source")
    groups = range(store.footer(path).metadata.num_row_groups)
    rows = store.read(path, groups, names, names).unify_dictionaries()
    blank = [_blank(rows.column(name)) for name in names[:2] if name in rows.column_names]
    chosen = rows.column("source").filter(pa.array(np.logical_and.reduce(blank)))
    return {each["values"]: each["counts"] for each in pc.value_counts(chosen).to_pylist()}


def _blank(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Where a column that came with one dictionary is null or empty."""
    found = [np.zeros(0, np.bool_)]
    for chunk in column.chunks:
        codes = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        found.append((codes < 0) | (codes == pc.index(chunk.dictionary, "").as_py() if len(chunk) else False))
    return np.concatenate(found)
