"""Retention: events of some types leave the body when they are old enough, whole months at a time.

Their identities stay in the index, and are kept beside the table for indexes that never saw them (`retired`),
so that an event which is sent again later does not come back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.lake.errors import explaining_full_disk
from towpath.events.lake.index import Identities, identities
from towpath.events.lake.intents import clear_intents
from towpath.events.lake.layout import EventFile
from towpath.events.lake.log import EventLog, files_of
from towpath.events.lake.retired import keep_retired
from towpath.events.lake.rewriting import INTENTS, Body, Committing, rewrite_files

WRITER = "retention"
Expires = Callable[[str, str], bool]
"""Whether events of a type go from a month ("2011-10")."""

_FULL_ADVICE = "Months that were done stay done. Free some space: retention goes on with its next run."


@dataclass(frozen=True)
class Expired:
    """How many events of which (type, month) went, or would go."""

    events: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.events.values())


def would_expire(log: EventLog, expires: Expires) -> Expired:
    """What `expire` would take out of the body as it is now."""
    return Expired(
        Counter(_counted(log, [file for file in files_of(log.open()) if not file.in_tail], expires))
    )


def expire(body: Body, committing: Committing, expires: Expires) -> Iterator[Expired]:
    """Take them out, one commit a month; yields what each month's commit took. Under the body's lock.

    `committing` takes the writer's lock for the commit alone. Killed anywhere, a month is as it was or done,
    and the next run goes on with the rest.
    """
    log = body.log
    with explaining_full_disk(log.store.uri, _FULL_ADVICE):
        with committing():
            clear_intents(log, INTENTS)
        files = [file for file in files_of(log.open()) if not file.in_tail]
        for _month, group in groupby(files, key=lambda file: file.month):
            done = _expire_month(body, committing, list(group), expires)
            if done.events:
                yield done


def _expire_month(
    body: Body,
    committing: Committing,
    files: Sequence[EventFile],
    expires: Expires,
) -> Expired:
    log, gone = body.log, Counter[tuple[str, str]]()
    marked = []
    for file in files:
        if here := Counter(_counted(log, [file], expires)):
            marked.append(file)
            gone += here
    if not marked:
        return Expired()
    keep_retired(log.store, marked[0].month, _going(log, marked, expires))
    rewrite_files(
        body,
        WRITER,
        marked,
        lambda rows, file: _staying(rows, file, expires),
        gone=sum(gone.values()),
        committing=committing,
    )
    return Expired(gone)


def _counted(log: EventLog, files: Sequence[EventFile], expires: Expires) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    for file in files:
        for group in range(log.store.footer(file.path).metadata.num_row_groups):
            types = log.store.read(file.path, [group], ["type"], ("type",))["type"]
            for each in pc.value_counts(types.combine_chunks()).to_pylist():
                if expires(each["values"], file.month):
                    found[each["values"], file.month] += each["counts"]
    return dict(found)


def _going(log: EventLog, files: Sequence[EventFile], expires: Expires) -> Identities:
    """Of the events that go."""
    found = []
    for file in files:
        for group in range(log.store.footer(file.path).metadata.num_row_groups):
            rows = log.store.read(file.path, [group], ["source", "id", "type"], ("type",))
            gone = rows.filter(_expired(rows["type"], file, expires))
            found.append(identities(gone["source"], gone["id"]))
    return Identities(*(np.concatenate([getattr(each, half) for each in found]) for half in ("high", "low")))


def _expired(types: pa.ChunkedArray, file: EventFile, expires: Expires) -> pa.ChunkedArray:
    going = [each for each in pc.unique(types).to_pylist() if expires(each, file.month)]
    return pc.is_in(types.cast(pa.string()), pa.array(going, pa.string()))


def _staying(rows: pa.Table, file: EventFile, expires: Expires) -> pa.Table:
    return rows.filter(pc.invert(_expired(rows["type"], file, expires)))
