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
import structlog
from django.db import transaction

from towpath.events.announcements import EventsFlushed
from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.inbox import Batches, BrokenBatch, FlushNote, Inbox
from towpath.events.keeping import notes
from towpath.events.lake.lake import Lake
from towpath.events.lake.log import Turn
from towpath.events.lake.tail import Tail
from towpath.foundation.outbox.announcing import announce

log = structlog.get_logger(__name__)

FLUSH_EVENTS = 50_000
MOST_ASIDE = 20
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
        if not fill.has_waited(FLUSH_SECONDS) and fill.events < FLUSH_EVENTS:
            return Flushed(taken, written)
        flushed = flush(inbox, lake)
        taken, written = taken + flushed.taken, written + flushed.written


def flush(inbox: Inbox, lake: Lake) -> Flushed:
    """Put the oldest batches into the tail as one commit. Raises `LakeBusy`, `LakeFull`, `InboxBroken`."""
    with lake.writing() as tail:
        writer = inbox.writer
        inbox.remove(tail.turns(writer))
        try:
            taken = _take(inbox, tail, writer, FLUSH_EVENTS) or _take(inbox, tail, writer, 1)
        except BrokenBatch as broken:
            _set_aside(inbox, broken.number, broken)
            return Flushed(0, 0)
        if taken is None:
            return Flushed(0, 0)
        batches, written = taken
        notes.note_flush(inbox.path.parent, batches.events["received"])
    inbox.settle_flush(batches.last, written)
    inbox.remove(batches.last)
    return Flushed(len(batches.events), written)


def _take(inbox: Inbox, tail: Tail, writer: str, events: int) -> tuple[Batches, int] | None:
    """The oldest batches, of about so many events, in the tail, and how many were new.

    None when nothing waits, or when they cannot be taken together. One that cannot be taken even alone is set
    aside: it must not keep the others waiting for ever.
    """
    batches = inbox.read(events)
    if batches is None:
        return None
    inbox.note_flush(_note(batches))
    try:
        return batches, tail.append(Turn(writer, batches.last), conforming(batches.events))
    except (pa.ArrowException, ValueError, MemoryError) as error:
        if events == 1:
            _set_aside(inbox, batches.last, error)
        return None


def _set_aside(inbox: Inbox, number: int, error: Exception) -> None:
    """Raises the error again where so many stand aside that the fault must be ours."""
    if len(inbox.aside()) >= MOST_ASIDE:
        raise error
    inbox.set_aside(number, f"{type(error).__name__}: {error}")
    log.error("a batch was set aside", number=number, reason=type(error).__name__)


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
