"""Taking a customer out of the lake: their events go, and what names them in others' events is blotted out.

Files that hold them are made anew and the old ones deleted at once, replaced ones of earlier commits too:
whoever reads an older snapshot then has to take a new one.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake.errors import explaining_full_disk
from towpath.events.lake.intents import clear_intents
from towpath.events.lake.known import catch_up
from towpath.events.lake.layout import EventFile
from towpath.events.lake.log import EventLog, files_of
from towpath.events.lake.rewriting import INTENTS, Body, rewrite_files, rows_of
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
        clear_intents(log, INTENTS)
        catch_up(body.index, log)
        counted = {file: _counts(log, file, target) for file in files_of(log.open())}
        marked = [file for file, (removed, blotted) in counted.items() if removed or blotted]
        removed, blotted = (sum(counted[file][which] for file in marked) for which in (0, 1))
        if marked:
            rewrite_files(
                body,
                WRITER,
                marked,
                lambda rows, _file: target.cleaned(rows)[0],
                gone=removed,
                committing=nullcontext,
            )
    return Erased(removed, blotted, len(marked))


def _counts(log: EventLog, file: EventFile, target: Target) -> tuple[int, int]:
    """How many events of a file go, and in how many a name is blotted out."""
    found = [target.cleaned(rows)[1:] for rows in rows_of(log.store, file)]
    return sum(removed for removed, _blotted in found), sum(blotted for _removed, blotted in found)
