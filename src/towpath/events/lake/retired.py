"""Identities of events that retention took out, kept beside the table: hashes alone, no event.

Each node has its own index of identities. One whose index never saw these events (a new node, one that was
away, an index made anew) learns them from here, so that what went does not come back through it.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from towpath.events.lake.index import Identities
from towpath.events.lake.storage import Store

FOLDER = "_retired"
"""Begins with an underscore: what is named so within a Delta table is nobody's to clear away."""
_SCHEMA = pa.schema([pa.field("high", pa.uint64()), pa.field("low", pa.uint64())])


def keep_retired(store: Store, month: str, going: Identities) -> str:
    """Keep the identities of events of a month that are about to go; returns the file. Durable on return.

    To be written before they go: killed in between, it tells of events that are there, which does no harm.
    """
    path = f"{FOLDER}/{month}-{uuid4().hex}.parquet"
    order = np.lexsort((going.low, going.high))
    table = pa.table({"high": going.high[order], "low": going.low[order]}, schema=_SCHEMA)
    with store.create(path) as file:
        pq.write_table(table, file, compression="zstd")
    store.sync([path])
    return path


def retired_files(store: Store) -> list[str]:
    return store.names(FOLDER)


def retired(store: Store) -> Iterator[Identities]:
    """All that was ever kept, a row group at a time."""
    for path in retired_files(store):
        with store.filesystem.open_input_file(path) as raw:
            file = pq.ParquetFile(raw)
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group)
                yield Identities(rows["high"].to_numpy(), rows["low"].to_numpy())
