"""API: where a desk's work should be done."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from towpath.desk.actions import shift as actions
from towpath.desk.queries import shift as queries
from towpath.desk.rules.permissions import MANAGE_DESK, READ_DESK
from towpath.desk.schemas.shift import ShiftCandidate, ShiftCandidates, ShiftWhatIf
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])
Need = Literal["knowledge", "right", "tool", "training"]


class ShiftDecisionWanted(Schema):
    """Move a topic's work to the level recommended, from a day. `gate`: for each thing that the level needs,
    whether it is there. `cost_hours`: of the change."""

    topic: str = Field(min_length=1, max_length=300)
    moves_on: date
    gate: dict[Need, Literal["there", "not_needed"]] = Field(default_factory=dict)
    cost_hours: float | None = Field(None, ge=0, le=1_000_000)


class TopicSaid(Schema):
    """What a person says of a topic: its name (two topics of one name are one), what part of it is called
    that contains a text, which demand it is. Nothing said takes back what was said."""

    topic: str = Field(min_length=1, max_length=300)
    called: str = Field("", max_length=300)
    containing: str = Field("", max_length=200)
    demand: Literal["", "failure", "value"] = ""


@router.get("/desks/{desk}/shift", auth=needs(READ_DESK), response=shape_of(ShiftCandidates))
def list_shift_candidates(request: HttpRequest, desk: str) -> HttpResponse:
    """What to remove, teach and move out, with the evidence; what was decided, and whether it worked."""
    return answered(queries.candidates(actor_in(request), desk))


@router.get("/desks/{desk}/shift/topic", auth=needs(READ_DESK), response=shape_of(ShiftCandidate))
def get_shift_candidate(request: HttpRequest, desk: str, topic: str) -> HttpResponse:
    """One topic with its evidence."""
    return answered(queries.candidate(actor_in(request), desk, topic))


@router.get("/desks/{desk}/shift/what-if", auth=needs(READ_DESK), response=shape_of(ShiftWhatIf))
def what_if_shifted(
    request: HttpRequest, desk: str, topic: str, share: Annotated[float, Query(ge=0, le=1)] = 0.5
) -> HttpResponse:
    """What moving a share of a topic would free, load and risk. Decides nothing."""
    return answered(queries.what_if(actor_in(request), desk, topic, share))


@router.post("/desks/{desk}/shift/decisions", auth=needs(MANAGE_DESK), response=shape_of(ShiftCandidates))
def decide_shift(request: HttpRequest, desk: str, sent: ShiftDecisionWanted) -> HttpResponse:
    """Record a decision with its forecast. 422 where the gate is not answered, or the topic is to stay."""
    try:
        actions.decide(
            actor_in(request), desk, sent.topic,
            moves_on=sent.moves_on, gate=dict(sent.gate.items()), cost_hours=sent.cost_hours,
        )  # fmt: skip
    except ValidationError as error:
        raise HttpError(422, " ".join(error.messages)) from error
    return answered(queries.candidates(actor_in(request), desk))


@router.post("/desks/{desk}/shift/topics", auth=needs(MANAGE_DESK), response=shape_of(ShiftCandidates))
def say_of_topic(request: HttpRequest, desk: str, sent: TopicSaid) -> HttpResponse:
    """Name, merge, split or move a topic, or say which demand it is; that is remembered."""
    try:
        actions.say(actor_in(request), desk, **sent.dict())
    except ValidationError as error:
        raise HttpError(422, " ".join(error.messages)) from error
    return answered(queries.candidates(actor_in(request), desk))
