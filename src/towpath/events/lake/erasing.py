"""Taking a customer out of the lake: their events go, and what names them in others' events is blotted out.

Files that hold them are made anew and the old ones deleted at once, replaced ones of earlier commits too:
whoever reads an older snapshot then has to take a new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake.errors import explaining_full_disk
from towpath.events.lake.intents import clear_leftovers, intending
from towpath.events.lake.known import catch_up
from towpath.events.lake.layout import EventFile, event_path
from towpath.events.lake.log import Change, EventLog, Turn, files_of
from towpath.events.lake.reading import Wanted
from towpath.events.lake.rewriting import INTENTS, Body
from towpath.events.lake.writing import EventWriter
from towpath.foundation.operations.blotting import BLOT, Names

WRITER = "erasing"
_SPEAKING = ("identifiers", "data")
"""Columns of others' events that may name a customer. What an event is known by (source, id, identifier,
case, session) stays: its key comes from it."""
_FULL_ADVICE = "Nothing was removed from the lake. Free some space, then forget the customer again."


@dataclass(frozen=True)
class Target:
    """Whom to take out: events under `keys` go; `names` in other events are blotted out."""

    keys: frozenset[int]
    names: Names

    def cleaned(self, events: pa.Table) -> tuple[pa.Table, int, int]:
        """Events without them; how many went, and how many were blotted."""
        theirs = np.isin(events["key"].to_numpy(), np.array(sorted(self.keys), np.int64))
        if theirs.any():
            events = events.filter(pa.array(~theirs))
        touched = np.zeros(len(events), np.bool_)
        for name in _SPEAKING if self.names.texts else ():
            column = events[name]
            hit = np.asarray(
                pc.fill_null(pc.match_substring_regex(column, self.names.pattern, ignore_case=True), False)
            )
            if hit.any():
                touched |= hit
                blotted = column
                for _twice in range(2):  # two names may share the character between them
                    blotted = pc.replace_substring_regex(blotted, f"(?i){self.names.pattern}", rf"\1{BLOT}\2")
                events = events.set_column(
                    events.schema.get_field_index(name), EVENT_SCHEMA.field(name), blotted
                )
        return events, int(theirs.sum()), int(touched.sum())


@dataclass(frozen=True)
class Erased:
    """What became of the lake: events removed, events in which a name was blotted out, files made anew."""

    removed: int = 0
    blotted: int = 0
    files: int = 0


def erase(body: Body, target: Target) -> Erased:
    """Under both locks. Killed anywhere, the lake is as it was or done; the same again finishes."""
    log = body.log
    with explaining_full_disk(log.store.uri, _FULL_ADVICE):
        clear_leftovers(log, INTENTS)
        catch_up(body.index, log)
        marked = [file for file in files_of(log.open()) if any(_changes(log, file, target))]
        if not marked:
            return Erased()
        turn = Turn(WRITER, log.turns(WRITER) + 1)
        with intending(log, INTENTS, turn, lambda token: _paths(marked, token)) as token:
            added: list[EventFile] = []
            removed = blotted = 0
            for number, file in enumerate(marked):
                anew, gone, changed = _rewritten(log, file, target, f"{token}-{number}")
                added += [anew] if anew else []
                removed, blotted = removed + gone, blotted + changed
            log.store.sync(file.path for file in added)
            version = log.commit(Change(turn, tuple(added), tuple(marked), {}, new_events=False))
        body.index.mark(version)
    return Erased(removed, blotted, len(marked))


def _paths(files: Sequence[EventFile], token: str) -> list[str]:
    return [
        event_path(file.month, file.bucket, file.of, f"{token}-{number}") for number, file in enumerate(files)
    ]


def _tables(log: EventLog, file: EventFile) -> Iterator[pa.Table]:
    wanted = Wanted(tuple(EVENT_SCHEMA.names))
    for group in range(log.store.footer(file.path).metadata.num_row_groups):
        table = log.store.read(file.path, [group], EVENT_SCHEMA.names, ())
        yield wanted.typed(table, EVENT_SCHEMA.names)


def _changes(log: EventLog, file: EventFile, target: Target) -> Iterator[bool]:
    for table in _tables(log, file):
        _rest, removed, blotted = target.cleaned(table)
        yield bool(removed or blotted)


def _rewritten(
    log: EventLog, file: EventFile, target: Target, token: str
) -> tuple[EventFile | None, int, int]:
    removed = blotted = 0
    writer: EventWriter | None = None
    for table in _tables(log, file):
        rest, gone, changed = target.cleaned(table)
        removed, blotted = removed + gone, blotted + changed
        if len(rest):
            writer = writer or EventWriter(log.store, file.month, file.bucket, file.of, token)
            for batch in rest.combine_chunks().to_batches():
                writer.append(batch)
    return (writer.finish() if writer else None), removed, blotted
