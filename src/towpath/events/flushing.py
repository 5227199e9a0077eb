"""From the inbox to the lake's tail, about once a second.

The order makes a kill harmless: the lake's commit (which names the last batch it holds), then the index of
identities, then the inbox's rows. What was committed before a kill is only removed from the inbox after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from towpath.events.announcements import EventsFlushed
from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.inbox import Batches, Inbox
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
        written = tail.append(Turn(writer, batches.last), conforming(batches.events))
        notes.note_flush(inbox.path.parent, batches.events["received"])
    inbox.remove(batches.last)
    if written:
        _announce(batches, written)
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


def _announce(batches: Batches, written: int) -> None:
    span = pc.min_max(batches.events["received"]).as_py()
    with transaction.atomic():
        announce(EventsFlushed(written=written, first_received=span["min"], last_received=span["max"]))
