"""API: the audit log."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from ninja import Query, Router

from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import shapes_of
from towpath.foundation.audit import queries
from towpath.foundation.audit.rules import READ_AUDIT

router = Router(tags=["audit"])


@router.get("/audit", auth=needs(READ_AUDIT), response=shapes_of(queries.AuditRecord))
def list_entries(
    request: HttpRequest,
    actor: str = "",
    verb: str = "",
    target: str = "",
    since: date | None = None,
    until: date | None = None,
    limit: int = Query(100, ge=1, le=1000),
    offset: int = Query(0, ge=0),
) -> list[queries.AuditRecord]:
    """Who wrote what, the newest first."""
    wanted = queries.AuditFilter(actor, verb, target, since, until)
    rows = queries.entries(actor_in(request), wanted)[offset : offset + limit]
    return [queries.record_of(row) for row in rows]
