"""API: findings with their lives, one ruined day, and components. The records are those of `--json`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from ninja.errors import ValidationError as Unfit
from pydantic import Field

from towpath.customers.rules import READ_CUSTOMERS
from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of, shapes_of
from towpath.improvement.actions import findings as actions
from towpath.improvement.actions import telling
from towpath.improvement.queries import components
from towpath.improvement.queries import findings as queries
from towpath.improvement.queries import telling as told
from towpath.improvement.queries.beneath import beneath
from towpath.improvement.queries.desks import tickets_behind
from towpath.improvement.queries.ruined_day import ruined_day
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.permissions import READ_FINDINGS, TELL_FINDINGS, WRITE_FINDINGS
from towpath.improvement.rules.telling import NEWS, News
from towpath.improvement.schemas.beneath import StepBeneath
from towpath.improvement.schemas.components import ComponentShown, ComponentSummary
from towpath.improvement.schemas.desks import FindingTickets
from towpath.improvement.schemas.records import FindingRecord, FindingShown
from towpath.improvement.schemas.ruined_days import RuinedDay
from towpath.improvement.schemas.telling import DeliveryShown, RuleMade, RuleShown
from towpath.journeys.rules.permissions import READ_JOURNEYS

router = Router(tags=["findings"])


PageOfTickets = Annotated[int, Field(ge=1, le=1_000_000)]


class Acceptance(Schema):
    """Who mends it, what they do first, and by when. `expected_gain`: ruined customer-days a week fewer."""

    owner: str = Field(min_length=1, max_length=200)
    next_step: str = Field(min_length=1, max_length=500)
    due: date
    expected_gain: float | None = Field(None, ge=0, lt=1e12)


class Declined(Schema):
    """Why nobody mends it for now, and when that is looked at again."""

    because: str = Field(min_length=1, max_length=500)
    review_on: date


class Noted(Schema):
    note: str = Field("", max_length=500)


@router.get("/journeys/{key}/steps/{step}/beneath", auth=needs(READ_JOURNEYS), response=shape_of(StepBeneath))
def show_beneath(request: HttpRequest, key: str, step: str) -> HttpResponse:
    """Every item of the estate that a step of a journey hangs on, those marked that take it down alone."""
    return answered(beneath(actor_in(request), key, step))


@router.get("/findings", auth=needs(READ_FINDINGS), response=shapes_of(FindingRecord))
def list_findings(request: HttpRequest) -> HttpResponse:
    """What ruins customers' days now, what to mend first at the top."""
    return answered(queries.records(actor_in(request)))


@router.get("/findings/{digest}", auth=needs(READ_FINDINGS), response=shape_of(FindingShown))
def get_finding(request: HttpRequest, digest: str) -> HttpResponse:
    """One finding with its evidence and its life. `digest`: the first 12 hexadecimal digits of the key's
    XXH3-64."""
    return answered(queries.finding(actor_in(request), digest))


@router.get("/findings/{digest}/days/{number}", auth=needs(READ_CUSTOMERS), response=shape_of(RuinedDay))
def get_day(request: HttpRequest, digest: str, number: int) -> HttpResponse:
    """One customer's ruined day beside what our side saw. The look is kept in the audit log."""
    return answered(ruined_day(actor_in(request), digest, number))


@router.get("/findings/{digest}/tickets", auth=needs(READ_DESK), response=shape_of(FindingTickets))
def get_tickets(request: HttpRequest, digest: str, page: PageOfTickets = 1) -> HttpResponse:
    """The tickets of a finding that a desk tells, 50 at a time; 404 where none shows it now."""
    return answered(tickets_behind(actor_in(request), digest, page))


@router.post("/findings/{digest}/accept", auth=needs(WRITE_FINDINGS), response=shape_of(FindingShown))
def accept(request: HttpRequest, digest: str, sent: Acceptance) -> HttpResponse:
    """Take it on, or change who does what by when. 409 where its state does not allow that."""
    with refusals_told():
        actions.accept(actor_in(request), digest, **sent.dict())
    return answered(queries.finding(actor_in(request), digest))


@router.post("/findings/{digest}/mend", auth=needs(WRITE_FINDINGS), response=shape_of(FindingShown))
def mend(request: HttpRequest, digest: str, sent: Noted) -> HttpResponse:
    """Work on it has begun. 409 where its state does not allow that."""
    with refusals_told():
        actions.mend(actor_in(request), digest, sent.note)
    return answered(queries.finding(actor_in(request), digest))


@router.post("/findings/{digest}/decline", auth=needs(WRITE_FINDINGS), response=shape_of(FindingShown))
def decline(request: HttpRequest, digest: str, sent: Declined) -> HttpResponse:
    """Leave it, with the reason and the day of its review. 409 where its state does not allow that."""
    with refusals_told():
        actions.decline(actor_in(request), digest, **sent.dict())
    return answered(queries.finding(actor_in(request), digest))


@router.post("/findings/{digest}/reopen", auth=needs(WRITE_FINDINGS), response=shape_of(FindingShown))
def reopen(request: HttpRequest, digest: str, sent: Noted) -> HttpResponse:
    """Put it on the list again, with nobody's name on it. 409 where its state does not allow that."""
    with refusals_told():
        actions.reopen(actor_in(request), digest, sent.note)
    return answered(queries.finding(actor_in(request), digest))


@router.get("/components", auth=needs(READ_FINDINGS), response=shapes_of(ComponentSummary))
def list_components(request: HttpRequest) -> HttpResponse:
    """What the events of the last four weeks name, where most days are ruined first."""
    return answered(components.components(actor_in(request)))


@router.get("/components/{path:name}", auth=needs(READ_FINDINGS), response=shape_of(ComponentShown))
def get_component(request: HttpRequest, name: str) -> HttpResponse:
    """One component: the steps that it carries, how they went, its releases, and what was found there."""
    return answered(components.component(actor_in(request), name))


class WantedRule(Schema):
    """`means`: email or webhook. `news`: new, back, grave, gone. No family means all kinds of trouble."""

    name: str = Field(min_length=1, max_length=120)
    means: Literal["email", "webhook"]
    address: str = Field(min_length=1, max_length=1000)
    news: list[News] = Field(min_length=1, max_length=len(NEWS))
    families: list[Family] = Field([], max_length=len(Family))
    least_score: float = Field(0.0, ge=0, lt=1e12)


class Stopped(Schema):
    active: bool


@router.get("/telling", auth=needs(TELL_FINDINGS), response=shapes_of(RuleShown))
def list_rules(request: HttpRequest) -> HttpResponse:
    """Who is told of findings, and when."""
    return answered(told.rules(actor_in(request)))


@router.post("/telling", auth=needs(TELL_FINDINGS), response={201: shape_of(RuleMade)})
def add_rule(request: HttpRequest, sent: WantedRule) -> HttpResponse:
    """Have somebody told. The answer alone holds the secret that signs a webhook."""
    with refusals_told():
        made = telling.add_rule(actor_in(request), site=request.build_absolute_uri("/"), **sent.dict())
    return answered(made, status=201)


@router.get("/telling/deliveries", auth=needs(TELL_FINDINGS), response=shapes_of(DeliveryShown))
def list_deliveries(request: HttpRequest) -> HttpResponse:
    """What was told or is to be told, the latest fifty."""
    return answered(told.deliveries(actor_in(request)))


@router.put("/telling/{rule_id}", auth=needs(TELL_FINDINGS), response=shapes_of(RuleShown))
def set_active(request: HttpRequest, rule_id: int, sent: Stopped) -> HttpResponse:
    """Stop telling, or go on. Answers with all rules."""
    telling.set_active(actor_in(request), rule_id, active=sent.active)
    return answered(told.rules(actor_in(request)))


@router.delete("/telling/{rule_id}", auth=needs(TELL_FINDINGS), response=shapes_of(RuleShown))
def remove_rule(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Tell them no more. Answers with the rules that are left."""
    telling.remove_rule(actor_in(request), rule_id)
    return answered(told.rules(actor_in(request)))


@contextmanager
def refusals_told() -> Iterator[None]:
    """What an action refuses, as the API says it."""
    try:
        yield
    except actions.CannotDo as error:
        raise HttpError(409, str(error)) from error
    except ValidationError as error:
        wrong = [
            {"loc": ("body", "sent", name), "msg": " ".join(reasons)}
            for name, reasons in error.message_dict.items()
        ]
        raise Unfit(wrong) from error
