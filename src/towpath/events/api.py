"""API: how many events there are, from where, how imports went, and what was refused."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError

from towpath.events import actions, queries
from towpath.events.accepting import Accepted, Sent, accept, headers_of
from towpath.events.models import QuarantinedRecord
from towpath.events.receiving import MAX_BODY_BYTES, BodyRefused
from towpath.events.rules import READ_EVENTS, WRITE_EVENTS
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.gate import fetch
from towpath.foundation.access.shapes import shape_of, shapes_of
from towpath.foundation.operations.paging import FURTHEST

router = Router(tags=["events"])

TOO_LARGE = "A body may have {:,} bytes at most. Send fewer events at a time; 500 are a good batch."
_EVENT: dict[str, Any] = {"type": "object"}
_EVENTS: dict[str, Any] = {"type": "array", "items": _EVENT}
DOOR_CONTENT: dict[str, Any] = {
    "application/cloudevents+json": {"schema": _EVENT},
    "application/cloudevents-batch+json": {"schema": _EVENTS},
    "application/json": {"schema": {"oneOf": [_EVENT, _EVENTS]}},
    "application/x-ndjson": {"schema": {"type": "string"}},
}


class Mended(Schema):
    """The record as it should have come: JSON text of its columns."""

    raw: str


@router.get("/events/count", auth=needs(READ_EVENTS), response=shape_of(queries.EventCount))
def count_events(request: HttpRequest) -> queries.EventCount:
    """Events in the lake, records in quarantine, events accepted but not in the lake yet."""
    return queries.count_events(actor_in(request))


@router.post(
    "/events",
    auth=needs(WRITE_EVENTS),
    response={202: shape_of(Accepted)},
    openapi_extra={"requestBody": {"required": True, "content": DOOR_CONTENT}},
)
def accept_events(request: HttpRequest) -> Status[Accepted]:
    """Send events: one or a batch of CloudEvents 1.0, or plain JSON (an object, an array, or lines).

    202 when they are on disk. An event is known by (source, id) and counts once, however often and whenever
    it is sent. Those that cannot be taken come back with place and reason, and lie in quarantine. 413: send
    fewer at a time; 429: send again after the seconds in Retry-After.
    """
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > MAX_BODY_BYTES:
        raise BodyRefused(413, "Too large", TOO_LARGE.format(MAX_BODY_BYTES))
    content = request.read(MAX_BODY_BYTES + 1)
    return Status(202, accept(actor_in(request), Sent(content, headers_of(request.headers))))


@router.get("/sources", auth=needs(READ_EVENTS), response=shapes_of(queries.SourceSummary))
def list_sources(request: HttpRequest) -> list[queries.SourceSummary]:
    """Every source with its events and its watermark."""
    return queries.sources(actor_in(request))


@router.get("/imports", auth=needs(READ_EVENTS), response=shapes_of(queries.ImportReport))
def list_imports(
    request: HttpRequest, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> list[queries.ImportReport]:
    """What became of imported files, newest first."""
    return queries.imports(actor_in(request), limit)


@router.get("/imports/{import_id}", auth=needs(READ_EVENTS), response=shape_of(queries.ImportReport))
def get_import(request: HttpRequest, import_id: UUID) -> queries.ImportReport:
    """One import."""
    return queries.import_report(actor_in(request), import_id)


@router.get("/quarantine", auth=needs(WRITE_EVENTS), response=shapes_of(queries.RefusedRecord))
def list_quarantine(
    request: HttpRequest,
    source: str = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=FURTHEST)] = 0,
) -> list[queries.RefusedRecord]:
    """Refused records that wait for a person, in the order they were met."""
    rows = queries.quarantined(actor_in(request), source=source)[offset : offset + limit]
    return [queries.refused_record(row) for row in rows]


@router.post("/quarantine/{record_id}/replay", auth=needs(WRITE_EVENTS), response={204: None})
def replay(request: HttpRequest, record_id: int, mended: Mended) -> Status[None]:
    """Take a mended record into the lake. 422 with the reason where it is still refused."""
    actor = actor_in(request)
    try:
        actions.mend_record(actor, fetch(QuarantinedRecord, actor, pk=record_id), mended.raw)
    except actions.CannotReplay as reason:
        raise HttpError(422, str(reason)) from reason
    return Status(204, None)


@router.post("/quarantine/{record_id}/dismiss", auth=needs(WRITE_EVENTS), response={204: None})
def dismiss(request: HttpRequest, record_id: int) -> Status[None]:
    """Decide that a refused record is not wanted. 409 for one that is dealt with already."""
    actor = actor_in(request)
    try:
        actions.dismiss_record(actor, fetch(QuarantinedRecord, actor, pk=record_id))
    except actions.AlreadySettled as settled:
        raise HttpError(409, str(settled)) from settled
    return Status(204, None)
