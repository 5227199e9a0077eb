"""Retention: events of some types leave the body when they are old enough, whole months at a time.

Their identities stay in the index, so that an event which is sent again later does not come back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake.errors import LakeError, explaining_full_disk
from towpath.events.lake.intents import clear_leftovers, intending
from towpath.events.lake.layout import EventFile, event_path
from towpath.events.lake.log import Change, EventLog, Turn, files_of
from towpath.events.lake.reading import Wanted
from towpath.events.lake.rewriting import INTENTS, Body
from towpath.events.lake.writing import EventWriter

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


def expire(
    body: Body, committing: Callable[[], AbstractContextManager[None]], expires: Expires
) -> Iterator[Expired]:
    """Take them out, one commit a month; yields what each month's commit took. Under the body's lock.

    `committing` takes the writer's lock for the commit alone. Killed anywhere, a month is as it was or done,
    and the next run goes on with the rest.
    """
    log = body.log
    with explaining_full_disk(log.store.uri, _FULL_ADVICE):
        with committing():
            clear_leftovers(log, INTENTS)
        files = [file for file in files_of(log.open()) if not file.in_tail]
        for _month, group in groupby(files, key=lambda file: file.month):
            done = _expire_month(body, committing, list(group), expires)
            if done.events:
                yield done


def _expire_month(
    body: Body,
    committing: Callable[[], AbstractContextManager[None]],
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
    turn = Turn(WRITER, log.turns(WRITER) + 1)
    with intending(log, INTENTS, turn, lambda token: _paths(marked, token)) as token:
        anew = (_rewritten(log, file, expires, f"{token}-{number}") for number, file in enumerate(marked))
        added = tuple(file for file in anew if file is not None)
        _check_sum(marked, added, sum(gone.values()))
        log.store.sync(file.path for file in added)
        with committing():
            version = log.commit(Change(turn, added, tuple(marked), {}, new_events=False))
            body.index.reload()
            if body.index.version == version - 1:
                body.index.mark(version)
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


def _rewritten(log: EventLog, file: EventFile, expires: Expires, token: str) -> EventFile | None:
    """The file without them; None where nothing is left. Its rows keep their order."""
    names = EVENT_SCHEMA.names
    writer: EventWriter | None = None
    for group in range(log.store.footer(file.path).metadata.num_row_groups):
        rows = Wanted(tuple(names)).typed(log.store.read(file.path, [group], names, ()), names)
        going = [each for each in pc.unique(rows["type"]).to_pylist() if expires(each, file.month)]
        rest = rows.filter(pc.invert(pc.is_in(rows["type"], pa.array(going, pa.string()))))
        if len(rest):
            writer = writer or EventWriter(log.store, file.month, file.bucket, file.of, token)
            for batch in rest.combine_chunks().to_batches():
                writer.append(batch)
    return writer.finish() if writer else None


def _paths(files: Sequence[EventFile], token: str) -> list[str]:
    return [
        event_path(file.month, file.bucket, file.of, f"{token}-{number}") for number, file in enumerate(files)
    ]


def _check_sum(before: Sequence[EventFile], after: Sequence[EventFile], gone: int) -> None:
    """The last look before files are replaced: only what was counted may be missing."""
    left, expected = sum(file.rows for file in after), sum(file.rows for file in before) - gone
    if left != expected:
        raise LakeError(
            f"Retention would have left {left:,} events where {expected:,} were expected; "
            "nothing was changed. This is a mistake of Towpath: please report it."
        )
