"""What can be put right in a lake without touching an event: its index, and files that nobody can see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from towpath.events.lake import rewriting, tail
from towpath.events.lake.index import Identities, IdentityIndex, identities
from towpath.events.lake.intents import clear_intents
from towpath.events.lake.log import EventLog, files_of
from towpath.events.lake.retired import retired

FOLDERS = (rewriting.INTENTS, tail.INTENTS)
_LOG = "_delta_log"


def orphans(log: EventLog) -> dict[str, int]:
    """Files of events, with their bytes, that no version still kept names and no writer is about to add."""
    # In this order: a file is noted before it is written, and in the log before its note goes.
    there = {
        info.path: info.size
        for info in log.store.filesystem.get_file_info(
            pafs.FileSelector("", recursive=True, allow_not_found=True)
        )
        if info.type == pafs.FileType.File
        and info.path.startswith("month=")
        and info.path.endswith(".parquet")
    }
    for folder in FOLDERS:
        for path in log.store.names(folder):
            with suppress(FileNotFoundError):
                for intended in (log.store.read_json(path) or {}).get("paths", ()):
                    there.pop(intended, None)
    named = {file.path for file in files_of(log.open())}
    for path in list(there):
        if path in named:
            del there[path]
    if there:
        for path in _once_named(log):
            there.pop(path, None)
    return dict(sorted(there.items()))


def leftovers(log: EventLog) -> list[str]:
    """Notes of writers that were killed. Under both locks: nobody is writing then."""
    return [path for folder in FOLDERS for path in log.store.names(folder)]


def remove_orphans(log: EventLog) -> tuple[int, int]:
    """Under both locks; returns how many files went, and their bytes."""
    for folder in FOLDERS:
        clear_intents(log, folder)
    found = orphans(log)
    log.store.remove(found)
    return len(found), sum(found.values())


def rebuild_index(index: IdentityIndex, log: EventLog) -> int:
    """Make the index know every event of the lake, and those that retention took out; what it knows beside
    stays. Returns how many it knows.

    Under the writer's lock. Raises the error of a file that cannot be read; the next writer begins anew then.
    """
    index.reload()
    index.salvage()
    table = log.open()
    there = _identities_in(log, [file.path for file in files_of(table)])
    everything = chain(there, retired(log.store))
    index.add((found.take(~index.known(found)) for found in everything), table.version())
    return index.rows


def _identities_in(log: EventLog, paths: list[str]) -> Iterator[Identities]:
    for path in paths:
        with log.store.filesystem.open_input_file(path) as raw:
            file = pq.ParquetFile(raw)
            for group in range(file.num_row_groups):
                rows = file.read_row_group(group, columns=["source", "id"])
                yield identities(rows["source"], rows["id"])


def _once_named(log: EventLog) -> Iterator[str]:
    """Paths in all actions that the log still keeps: files that left stay a while for those who read them."""
    filesystem = log.store.filesystem
    for path in log.store.names(_LOG):
        # The log is cleaned beside us: what is gone named only what is gone as well.
        with suppress(FileNotFoundError):
            if path.endswith(".json"):
                with filesystem.open_input_stream(path) as stream:
                    yield from _paths_in(json.loads(line) for line in stream.read().splitlines() if line)
            elif path.endswith(".parquet"):
                with filesystem.open_input_file(path) as raw:
                    yield from _paths_in(_checkpoint(pq.ParquetFile(raw)))


def _checkpoint(file: pq.ParquetFile) -> Iterator[dict[str, Any]]:
    held = [name for name in ("add", "remove") if name in file.schema_arrow.names]
    for batch in file.iter_batches(columns=[f"{name}.path" for name in held]):
        yield from pa.Table.from_batches([batch]).to_pylist()


def _paths_in(actions: Iterator[dict[str, Any]]) -> Iterator[str]:
    for action in actions:
        for name in ("add", "remove"):
            path = (action.get(name) or {}).get("path")
            if path:
                yield unquote(path)
