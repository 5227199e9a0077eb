"""Events that name nobody: neither a customer (`identifier`) nor a case.

They count as events of their source and service, but belong to nobody's story, so a journey that follows
customers leaves them out.
"""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.lake.layout import EventFile
from towpath.events.lake.snapshot import Snapshot
from towpath.events.lake.storage import Store

_COUNT = """
    select source, count(*) as events from events
    where coalesce(identifier, '') = '' and coalesce("case", '') = '' group by source
"""


def nameless_rows(batch: pa.RecordBatch) -> int:
    """How many rows of a batch of EVENT_SCHEMA name nobody."""
    empty = [pc.equal(pc.fill_null(batch.column(name), ""), "") for name in ("identifier", "case")]
    return int(pc.sum(pc.and_(*empty)).as_py() or 0)


def nameless_events(snapshot: Snapshot) -> dict[str, int]:
    """How many events of each source name nobody. A file of the body is looked through once."""
    body = [_in_files(snapshot.store, (file,)) for file in snapshot.files if not file.in_tail]
    tail = tuple(file for file in snapshot.files if file.in_tail)
    found: dict[str, int] = {}
    for counts in (*body, _in_files(snapshot.store, tail) if tail else {}):
        for source, events in counts.items():
            found[source] = found.get(source, 0) + events
    return found


@lru_cache(maxsize=16_384)
def _in_files(store: Store, files: tuple[EventFile, ...]) -> dict[str, int]:
    counted = Snapshot(store, 0, files).query(_COUNT)
    return dict(zip(counted["source"].to_pylist(), counted["events"].to_pylist(), strict=True))
