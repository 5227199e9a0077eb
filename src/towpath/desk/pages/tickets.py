"""A desk's tickets: the list with its filters, and one ticket's way."""

from __future__ import annotations

from typing import get_args

import msgspec
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from towpath.desk.pages.ticket_drawing import draw
from towpath.desk.queries import tickets as queries
from towpath.desk.queries.ticket import ticket
from towpath.desk.rules.states import STATES
from towpath.desk.schemas.tickets import TicketList, WantedTickets, Which
from towpath.foundation.access.routes import ActorRequest

WHICH = {
    "all": _("All"),
    "open": _("Open"),
    "overdue": _("Overdue"),
    "missed": _("Missed the agreement"),
    "reopened": _("Reopened"),
    "ping_pong": _("Went back and forth"),
}
CHOSEN = ("team", "topic", "priority")
LONGEST = 500


@require_GET
def listing(request: ActorRequest, name: str) -> HttpResponse:
    wanted, problem = _wanted(request), ""
    try:
        found = queries.tickets(request.actor, name, wanted)
    except ValidationError as error:
        found, problem = TicketList(name, (), ""), " ".join(error.messages)
    context = {
        "found": found,
        "wanted": wanted,
        "problem": problem,
        "which": WHICH.items(),
        "states": STATES,
        "choices": {field: queries.choices(request.actor, name, field) for field in CHOSEN},
        "narrowed": msgspec.structs.replace(wanted, after="") != WantedTickets(),
    }
    return render(request, "desk/tickets.html", context, status=422 if problem else 200)


@require_GET
def show(request: ActorRequest, name: str, number: str) -> HttpResponse:
    found = ticket(request.actor, name, number)
    # Each text is escaped where it is put in.
    picture = mark_safe(draw(found.stays)) if found.stays else ""  # noqa: S308
    return render(request, "desk/ticket.html", {"found": found, "ticket": found.ticket, "picture": picture})


def _wanted(request: ActorRequest) -> WantedTickets:
    given = {name: request.GET.get(name, "")[:LONGEST] for name in WantedTickets.__struct_fields__}
    which = given.pop("which")
    known: dict[str, Which] = {each: each for each in get_args(Which)}
    return WantedTickets(**given, which=known.get(which, "all"))
