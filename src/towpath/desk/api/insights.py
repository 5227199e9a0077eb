"""API: what stands out at a desk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from towpath.desk.queries import insights as queries
from towpath.desk.rules.permissions import READ_DESK
from towpath.desk.schemas.insights import Insights
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])


@router.get("/desks/{desk}/insights", auth=needs(READ_DESK), response=shape_of(Insights))
def show_insights(request: HttpRequest, desk: str) -> HttpResponse:
    """What comes back, loops, waits and is late, by how many tickets it concerns."""
    return answered(queries.insights(actor_in(request), desk))
