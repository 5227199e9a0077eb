"""API: which helpdesks tickets are fetched from."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from towpath.desk.queries import connections as queries
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.desk.schemas.connections import ConnectionShown
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shapes_of

router = Router(tags=["desk"])


@router.get("/desk-connections", auth=needs(MANAGE_DESK), response=shapes_of(ConnectionShown))
def list_desk_connections(request: HttpRequest) -> HttpResponse:
    """Helpdesks that tickets are fetched from, how far that has come, and what went wrong."""
    return answered(queries.connections(actor_in(request)))
