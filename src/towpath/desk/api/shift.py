"""API: where a desk's work should be done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from towpath.desk.queries import shift as queries
from towpath.desk.rules.permissions import READ_DESK
from towpath.desk.schemas.shift import ShiftCandidates
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])


@router.get("/desks/{desk}/shift", auth=needs(READ_DESK), response=shape_of(ShiftCandidates))
def list_shift_candidates(request: HttpRequest, desk: str) -> HttpResponse:
    """What to remove, teach and move out, with the evidence; what was decided, and whether it worked."""
    return answered(queries.candidates(actor_in(request), desk))
