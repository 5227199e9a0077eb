"""API: which desks there are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from towpath.desk.queries import desks as queries
from towpath.desk.rules.permissions import READ_DESK
from towpath.desk.schemas.desks import DeskSummary
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shapes_of

router = Router(tags=["desk"])


@router.get("/desks", auth=needs(READ_DESK), response=shapes_of(DeskSummary))
def list_desks(request: HttpRequest) -> HttpResponse:
    """Sources whose events are tickets on their way."""
    return answered(queries.desks(actor_in(request)))
