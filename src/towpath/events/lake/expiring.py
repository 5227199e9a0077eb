"""Retention: events of some types leave the body when they are old enough, whole months at a time.

Their identities stay in the index, so that an event which is sent again later does not come back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.lake.errors import explaining_full_disk
from towpath.events.lake.intents import clear_intents
from towpath.events.lake.layout import EventFile
from towpath.events.lake.log import EventLog, files_of
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


def _staying(rows: pa.Table, file: EventFile, expires: Expires) -> pa.Table:
    going = [each for each in pc.unique(rows["type"]).to_pylist() if expires(each, file.month)]
    return rows.filter(pc.invert(pc.is_in(rows["type"], pa.array(going, pa.string()))))
