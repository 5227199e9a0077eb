"""API: how a desk's tickets flow."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from towpath.desk.queries import flow as queries
from towpath.desk.rules.permissions import READ_DESK
from towpath.desk.schemas.flow import TicketFlow
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])


@router.get("/desks/{desk}/flow", auth=needs(READ_DESK), response=shape_of(TicketFlow))
def get_flow(request: HttpRequest, desk: str) -> HttpResponse:
    """Who solves the tickets, how often they move and come back, and what that costs."""
    return answered(queries.flow(actor_in(request), desk))
