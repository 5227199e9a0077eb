"""API: what is solved at once and stays solved, part by part."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from towpath.desk.queries import solved as queries
from towpath.desk.rules.permissions import READ_DESK
from towpath.desk.schemas.solved import SolvedBy
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])


@router.get("/desks/{desk}/solved", auth=needs(READ_DESK), response=shape_of(SolvedBy))
def get_solved(request: HttpRequest, desk: str, by: str = "") -> HttpResponse:
    """First contact and first level resolution, gross and net, and what came back, by month, topic, team,
    service, component, country or another thing that the data names."""
    return answered(queries.solved(actor_in(request), desk, by))
