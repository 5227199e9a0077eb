"""Reads about events: how many there are, from where, how their import went, and what was refused."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from django.db.models import Count, Q, QuerySet

from towpath.events.importers.treating import told
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.events.nameless import nameless_events
from towpath.events.rules import READ_EVENTS
from towpath.events.store import inbox, lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, require, visible


class EventCount(msgspec.Struct, frozen=True):
    """Events in the lake, records that wait in quarantine, and events accepted but not in the lake yet."""

    events: int
    quarantined: int
    inbox: int


class SourceSummary(msgspec.Struct, frozen=True):
    """One source: its events, its watermark (UTC), and how many of its records wait in quarantine.

    `nameless`: how many of the events name nobody (neither customer nor case), so that a journey which
    follows customers leaves them out.
    """

    source: str
    events: int
    nameless: int
    watermark: datetime | None
    quarantined: int


class ImportReport(msgspec.Struct, frozen=True):
    """What became of one file. When done, rows_read = written + already_there + refused.

    `nameless`: how many of the rows that were taken name nobody (neither customer nor case). `withdrawn`:
    events of earlier files that this one's whole histories do not hold. `masked`: how many of each kind.
    """

    id: UUID
    name: str
    source: str
    state: str
    state_in_words: str
    created_at: datetime
    finished_at: datetime | None
    bytes_read: int
    bytes_total: int
    rows_read: int
    written: int
    already_there: int
    refused: int
    nameless: int
    withdrawn: int
    masked: dict[str, int]
    masked_in_words: str
    error: str


class RefusedRecord(msgspec.Struct, frozen=True):
    """A record in quarantine: where it stood, why it was refused, and itself as it came.

    `door`: "file" (`raw` is JSON text of the row's columns) or "http" (an event as JSON, `file` is empty).
    """

    id: int
    source: str
    door: str
    file: str
    place: str
    reason: str
    raw: str


def count_events(actor: Actor) -> EventCount:
    require(actor, READ_EVENTS)
    waiting = QuarantinedRecord.objects.filter(state=QuarantinedRecord.State.WAITING).count()
    return EventCount(events=lake().snapshot().rows, quarantined=waiting, inbox=inbox().fill().events)


def sources(actor: Actor) -> list[SourceSummary]:
    """Every source that has events or refused records, by name."""
    require(actor, READ_EVENTS)
    snapshot = lake().snapshot()
    events, watermarks, nameless = snapshot.sources(), snapshot.watermarks(), nameless_events(snapshot)
    waiting = dict(
        QuarantinedRecord.objects.filter(state=QuarantinedRecord.State.WAITING)
        .values_list("source")
        .annotate(records=Count("pk"))
    )
    return [
        SourceSummary(
            name, events.get(name, 0), nameless.get(name, 0), watermarks.get(name), waiting.get(name, 0)
        )
        for name in sorted(set(events) | set(waiting))
    ]


def report_of(file_import: FileImport) -> ImportReport:
    return ImportReport(
        id=file_import.pk,
        name=file_import.name,
        source=file_import.source,
        state=file_import.state,
        state_in_words=str(file_import.get_state_display()),
        created_at=file_import.created_at,
        finished_at=file_import.finished_at,
        bytes_read=file_import.bytes_read,
        bytes_total=file_import.bytes_total,
        rows_read=file_import.rows_read,
        written=file_import.written,
        already_there=file_import.already_there,
        refused=file_import.refused,
        nameless=file_import.nameless,
        withdrawn=file_import.withdrawn,
        masked=file_import.treated,
        masked_in_words=told(file_import.treated),
        error=file_import.error,
    )


def refused_record(row: QuarantinedRecord) -> RefusedRecord:
    file = row.file_import.name if row.file_import else ""
    return RefusedRecord(row.pk, row.source, row.door, file, row.place, row.reason, row.raw)


def imports(actor: Actor, limit: int = 50) -> list[ImportReport]:
    """The newest imports first."""
    return [report_of(found) for found in visible(FileImport, actor)[:limit]]


def import_report(actor: Actor, import_id: UUID) -> ImportReport:
    """Raises Http404 for an unknown one."""
    return report_of(fetch(FileImport, actor, pk=import_id))


def quarantined(
    actor: Actor, *, source: str = "", state: str = QuarantinedRecord.State.WAITING, text: str = ""
) -> QuerySet[QuarantinedRecord]:
    """Refused records in that state, in the order they were met; `text` is sought in reason and record."""
    rows = visible(QuarantinedRecord, actor).filter(state=state).select_related("file_import")
    if source:
        rows = rows.filter(source=source)
    if text:
        rows = rows.filter(Q(reason__icontains=text) | Q(raw__icontains=text))
    return rows
