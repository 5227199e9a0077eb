"""API: links that a desk's tickets lack."""

from __future__ import annotations

from typing import Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from towpath.desk.actions import linking as actions
from towpath.desk.queries.links import missing_links
from towpath.desk.rules.permissions import MANAGE_DESK, READ_DESK
from towpath.desk.schemas.links import MissingLinks
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])


class LinkAnswer(Schema):
    """What a proposal, named as the list gives it, is answered with. `back` takes an answer back."""

    field: Literal["service", "component"]
    how: Literal["alike", "named", "met", "said"]
    topic: str = Field("", max_length=300)
    team: str = Field("", max_length=200)
    value: str = Field(min_length=1, max_length=300)
    answer: Literal["confirm", "refuse", "back"]


class TicketLinkSaid(Schema):
    """Which service or component one ticket is about; an empty value takes back what was said."""

    number: str = Field(min_length=1, max_length=200)
    field: Literal["service", "component"]
    value: str = Field("", max_length=300)


@router.get("/desks/{desk}/links", auth=needs(READ_DESK), response=shape_of(MissingLinks))
def list_missing_links(request: HttpRequest, desk: str) -> HttpResponse:
    """How many tickets name their service and component, what the others may be about and how often such
    evidence is right, and what people said."""
    return answered(missing_links(actor_in(request), desk))


@router.post("/desks/{desk}/links/answers", auth=needs(MANAGE_DESK), response=shape_of(MissingLinks))
def answer_link_proposal(request: HttpRequest, desk: str, sent: LinkAnswer) -> HttpResponse:
    """Confirm or refuse a proposal, or take that back. 422 where it is not proposed any more."""
    about = sent.dict(exclude={"answer"})
    try:
        if sent.answer == "back":
            actions.take_back(actor_in(request), desk, **about)
        else:
            actions.answer_proposal(actor_in(request), desk, **about, confirm=sent.answer == "confirm")
    except ValidationError as error:
        raise HttpError(422, " ".join(error.messages)) from error
    return answered(missing_links(actor_in(request), desk))


@router.post("/desks/{desk}/links/tickets", auth=needs(MANAGE_DESK), response=shape_of(MissingLinks))
def say_link_of_ticket(request: HttpRequest, desk: str, sent: TicketLinkSaid) -> HttpResponse:
    """Say what one ticket is about. 422 where its source says it, or there is no such ticket."""
    try:
        actions.say_of_ticket(actor_in(request), desk, sent.number, field=sent.field, value=sent.value)
    except ValidationError as error:
        raise HttpError(422, " ".join(error.messages)) from error
    return answered(missing_links(actor_in(request), desk))
