"""API: a desk's tickets as they stand, and one ticket's way."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from towpath.desk.queries import ticket as one
from towpath.desk.queries import tickets as queries
from towpath.desk.rules.permissions import READ_DESK
from towpath.desk.schemas.tickets import TicketList, TicketShown, WantedTickets, Which
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])


class AskedTickets(Schema):
    """Which tickets; what is left out lets everything through."""

    q: str = ""
    which: Which = "all"
    state: str = ""
    team: str = ""
    tier: str = ""
    topic: str = ""
    priority: str = ""
    after: str = ""


@router.get("/desks/{desk}/tickets", auth=needs(READ_DESK), response=shape_of(TicketList))
def list_tickets(request: HttpRequest, desk: str, asked: Query[AskedTickets]) -> HttpResponse:
    """A page of tickets, the newest first; its `next` is `after` of the following page."""
    wanted = msgspec.convert(asked.model_dump(), WantedTickets)
    return answered(queries.tickets(actor_in(request), desk, wanted))


@router.get("/desks/{desk}/tickets/{path:number}", auth=needs(READ_DESK), response=shape_of(TicketShown))
def show_ticket(request: HttpRequest, desk: str, number: str) -> HttpResponse:
    """Who had it, how long, waiting for whom, and what its clocks counted; the look is audited."""
    return answered(one.ticket(actor_in(request), desk, number))
