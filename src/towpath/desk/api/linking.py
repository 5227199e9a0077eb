"""API: what tickets are about."""

from __future__ import annotations

from typing import Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from towpath.desk.actions import linking as actions
from towpath.desk.queries import linking as queries
from towpath.desk.rules.permissions import LINK_TICKETS, READ_DESK
from towpath.desk.schemas.linking import LinkGroupKey, LinksOfTicket, TicketLinks
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])


class LinkWord(Schema):
    """A person's word on what is proposed: for one ticket (`number`), else for all tickets of a topic and
    team ("" for those that have none)."""

    about: Literal["service", "component", "step", "customer"]
    value: str = Field(min_length=1, max_length=500)
    confirmed: bool
    number: str = Field("", max_length=200)
    topic: str = Field("", max_length=300)
    team: str = Field("", max_length=200)


class LinkTakenBack(Schema):
    """What one click said is undone."""

    batch: str = Field(min_length=1, max_length=36)


@router.get("/desks/{desk}/links", auth=needs(READ_DESK), response=shape_of(TicketLinks))
def list_ticket_links(request: HttpRequest, desk: str) -> HttpResponse:
    """How many tickets say what they are about, what is proposed for the others, and how often such proposals
    are right."""
    return answered(queries.links(actor_in(request), desk))


@router.get("/desks/{desk}/links/ticket", auth=needs(READ_DESK), response=shape_of(LinksOfTicket))
def get_links_of_ticket(request: HttpRequest, desk: str, number: str) -> HttpResponse:
    """What one ticket is about, as the source says, a person confirmed, or is proposed."""
    return answered(queries.links_of_ticket(actor_in(request), desk, number))


@router.post("/desks/{desk}/links/word", auth=needs(LINK_TICKETS), response=shape_of(TicketLinks))
def say_of_links(request: HttpRequest, desk: str, sent: LinkWord) -> HttpResponse:
    """Confirm or reject a proposal. 422 where it is not made any more."""
    actor = actor_in(request)
    try:
        if sent.number:
            actions.say_of_ticket(
                actor, desk, sent.number, about=sent.about, value=sent.value, confirmed=sent.confirmed
            )
        else:
            key = LinkGroupKey(sent.about, sent.value, sent.topic, sent.team)
            actions.say_of_group(actor, desk, key, confirmed=sent.confirmed)
    except ValidationError as error:
        raise HttpError(422, " ".join(error.messages)) from error
    return answered(queries.links(actor, desk))


@router.post("/desks/{desk}/links/undo", auth=needs(LINK_TICKETS), response=shape_of(TicketLinks))
def take_back_links(request: HttpRequest, desk: str, sent: LinkTakenBack) -> HttpResponse:
    """Undo what one click said, by its `batch`. 404 where there is none."""
    actor = actor_in(request)
    actions.take_back(actor, desk, sent.batch)
    return answered(queries.links(actor, desk))
