"""API: what was agreed with customers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from towpath.desk.queries import agreements as queries
from towpath.desk.rules.permissions import READ_DESK
from towpath.desk.schemas.agreements import AgreementsShown
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])


@router.get("/desk-agreements", auth=needs(READ_DESK), response=shape_of(AgreementsShown))
def show_agreements(request: HttpRequest) -> HttpResponse:
    """Calendars, targets and pauses that are in force, and which versions there were."""
    return answered(queries.agreements(actor_in(request)))
