"""Keeping the index of identities in step with the lake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from towpath.events.lake.index import Identities, IdentityIndex, identities
from towpath.events.lake.log import EventLog, files_of
from towpath.events.lake.retired import retired
from towpath.events.lake.storage import Store

_COLUMNS = ["source", "id"]


def catch_up(index: IdentityIndex, log: EventLog) -> None:
    """Bring the index to the newest version: after a kill, after another node's commits, or from nothing.

    Under the writer's lock.
    """
    index.reload()
    table = log.open()
    newest = table.version()
    if index.version == newest:
        return
    if index.version > newest:
        index.forget_all()
    paths = _brought_since(log, index.version, newest)
    if paths is None:
        # Nothing that is known goes: a lake from before `retired` tells nobody else what retention took out.
        in_files = _identities_in(log.store, [file.path for file in files_of(table)])
        everything = chain(in_files, retired(log.store))
        index.add((found.take(~index.known(found)) for found in everything), newest)
    else:
        index.add(_identities_in(log.store, paths), newest)
    index.clear_unnamed_runs()


def _brought_since(log: EventLog, version: int, newest: int) -> list[str] | None:
    if version < 0:
        return None
    paths: list[str] = []
    for each in range(version + 1, newest + 1):
        brought = log.brought(each)
        if brought is None:
            return None
        paths += brought
    # What compaction has taken away since lies in files that later versions name, or the body's own.
    there = set(log.store.existing(paths))
    return paths if len(there) == len(paths) else None


def _identities_in(store: Store, paths: Sequence[str]) -> Iterator[Identities]:
    for path in paths:
        for group in range(store.footer(path).metadata.num_row_groups):
            table = store.read(path, [group], _COLUMNS, ())
            yield identities(table["source"], table["id"])
