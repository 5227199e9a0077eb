"""API: emerging topics of a desk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from towpath.desk.queries import emerging as queries
from towpath.desk.rules.permissions import READ_DESK
from towpath.desk.schemas.emerging import EmergingTopics
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])


@router.get("/desks/{desk}/emerging", auth=needs(READ_DESK), response=shape_of(EmergingTopics))
def get_emerging(request: HttpRequest, desk: str) -> HttpResponse:
    """Topics with more tickets in the last whole week than their own past lets one expect, together with what
    changed shortly before."""
    return answered(queries.emerging(actor_in(request), desk))
