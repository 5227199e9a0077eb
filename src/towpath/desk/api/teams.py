"""API: teams of a desk, one by one, and how much of their effort is firefighting."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from towpath.desk.queries import teams as queries
from towpath.desk.rules.permissions import READ_DESK
from towpath.desk.schemas.teams import Firefighting, TeamPage, Teams
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])


@router.get("/desks/{desk}/teams", auth=needs(READ_DESK), response=shape_of(Teams))
def list_teams(request: HttpRequest, desk: str) -> HttpResponse:
    """The teams of a desk, those with most tickets first."""
    return answered(queries.teams(actor_in(request), desk))


@router.get("/desks/{desk}/teams/{path:team}", auth=needs(READ_DESK), response=shape_of(TeamPage))
def get_team(request: HttpRequest, desk: str, team: str) -> HttpResponse:
    """Who waits for a team and how long, what it waits for, to whom it hands, and with whom tickets loop."""
    return answered(queries.team(actor_in(request), desk, team))


@router.get("/desks/{desk}/firefighting", auth=needs(READ_DESK), response=shape_of(Firefighting))
def get_firefighting(request: HttpRequest, desk: str) -> HttpResponse:
    """The share of effort that goes into incidents, repeats and rework, by team and week."""
    return answered(queries.firefighting(actor_in(request), desk))
