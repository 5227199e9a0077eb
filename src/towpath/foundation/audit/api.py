"""API: the audit log."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router

from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import shapes_of
from towpath.foundation.audit import queries
from towpath.foundation.audit.rules import READ_AUDIT
from towpath.foundation.audit.schemas import WantedEntries

router = Router(tags=["audit"])


@router.get("/audit", auth=needs(READ_AUDIT), response=shapes_of(queries.AuditRecord))
def list_entries(
    request: HttpRequest,
    asked: Query[WantedEntries],
) -> list[queries.AuditRecord]:
    """Who wrote what, the newest first."""
    wanted = queries.AuditFilter(asked.actor, asked.verb, asked.target, asked.since, asked.until)
    rows = queries.entries(actor_in(request), wanted)[asked.offset : asked.offset + asked.limit]
    return [queries.record_of(row) for row in rows]
