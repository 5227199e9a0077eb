"""From the inbox to the lake's tail, about once a second.

The order makes a kill harmless: the lake's commit (which names the last batch it holds), then the index of
identities, then the inbox's rows. What was committed before a kill is only removed from the inbox after it.

A flush never waits for the records, which somebody else may be writing for seconds: whom to tell of it is
noted in the inbox, and told by a loop of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from towpath.events.announcements import EventsFlushed
from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.inbox import Batches, FlushNote, Inbox
from towpath.events.keeping import notes
from towpath.events.lake.lake import Lake
from towpath.events.lake.log import Turn
from towpath.foundation.outbox.announcing import announce

FLUSH_EVENTS = 50_000
FLUSH_SECONDS = 1.0
"""Whichever comes first."""


@dataclass(frozen=True)
class Flushed:
    """`taken` events left the inbox; `written` of them were new to the lake."""

    taken: int
    written: int


def flush_when_due(inbox: Inbox, lake: Lake) -> Flushed:
    """Flush as long as enough waits, or has waited long enough."""
    taken = written = 0
    while True:
        fill = inbox.fill()
        if not fill.events or (fill.events < FLUSH_EVENTS and fill.age_s < FLUSH_SECONDS):
            return Flushed(taken, written)
        flushed = flush(inbox, lake)
        taken, written = taken + flushed.taken, written + flushed.written


def flush(inbox: Inbox, lake: Lake) -> Flushed:
    """Put the oldest batches into the tail as one commit. Raises `LakeBusy`, `LakeFull`, `InboxBroken`."""
    with lake.writing() as tail:
        writer = inbox.writer
        inbox.remove(tail.turns(writer))
        batches = inbox.read(FLUSH_EVENTS)
        if batches is None:
            return Flushed(0, 0)
        noted = _note(batches)
        inbox.note_flush(noted)
        written = tail.append(Turn(writer, batches.last), conforming(batches.events))
        notes.note_flush(inbox.path.parent, batches.events["received"])
    inbox.settle_flush(batches.last, written)
    inbox.remove(batches.last)
    return Flushed(len(batches.events), written)


def conforming(events: pa.Table) -> pa.Table:
    """Events that an older Towpath accepted, with the columns of today."""
    if events.schema.equals(EVENT_SCHEMA):
        return events
    columns = [
        events[field.name].cast(field.type)
        if field.name in events.column_names
        else pa.chunked_array([pa.nulls(len(events), field.type)])
        for field in EVENT_SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=EVENT_SCHEMA)


def announce_flushed(inbox: Inbox) -> int:
    """Tell of the flushes that nobody was told of, as one; returns how many. Killed, it may tell twice."""
    untold = inbox.untold()
    if untold:
        fact = EventsFlushed(
            written=sum(note.written for note in untold),
            first_received=_moment(min(note.first_received for note in untold)),
            last_received=_moment(max(note.last_received for note in untold)),
        )
        with transaction.atomic():
            announce(fact)
        inbox.told(untold)
    return len(untold)


def _note(batches: Batches) -> FlushNote:
    span = pc.min_max(batches.events["received"].cast(pa.int64())).as_py()
    return FlushNote(batches.last, span["min"], span["max"], len(batches.events))


def _moment(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
