"""API: journeys, their figures, and the customers behind each figure. The records are those of `--json`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.errors import HttpError, ValidationError

from towpath.customers.rules import READ_CUSTOMERS
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of, shapes_of
from towpath.foundation.operations.documents import DocumentError
from towpath.journeys import actions
from towpath.journeys.queries import conduct, paths
from towpath.journeys.queries.blueprints import blueprint
from towpath.journeys.queries.fit import check_fit
from towpath.journeys.queries.funnels import funnel
from towpath.journeys.queries.journeys import export_journey, journeys
from towpath.journeys.queries.people import journey_story, people
from towpath.journeys.rules.permissions import READ_JOURNEYS, WRITE_JOURNEYS
from towpath.journeys.schemas import conduct as conducts
from towpath.journeys.schemas import definitions, figures
from towpath.journeys.schemas import paths as ways
from towpath.journeys.schemas.blueprint import Blueprint
from towpath.journeys.schemas.people import JourneyStory, Travellers
from towpath.journeys.schemas.wanted import WantedMeasure, WantedPaths, WantedPeople, WantedTop

router = Router(tags=["journeys"])
YAML = "application/yaml"
YAML_BODY = {"requestBody": {"required": True, "content": {YAML: {"schema": {"type": "string"}}}}}
YAML_ANSWER = {"responses": {200: {"content": {YAML: {"schema": {"type": "object"}}}}}}


@router.get("/journeys", auth=needs(READ_JOURNEYS), response=shapes_of(definitions.JourneySummary))
def list_journeys(request: HttpRequest) -> HttpResponse:
    """Every journey with its newest version."""
    return answered(journeys(actor_in(request)))


@router.get("/journeys/{key}", auth=needs(READ_JOURNEYS), openapi_extra=YAML_ANSWER)
def export(request: HttpRequest, key: str) -> HttpResponse:
    """The journey as YAML; to put it back changes nothing."""
    return HttpResponse(export_journey(actor_in(request), key), content_type=YAML)


@router.put(
    "/journeys/{key}",
    auth=needs(WRITE_JOURNEYS),
    response={200: shape_of(definitions.Applied), 201: shape_of(definitions.Applied)},
    openapi_extra=YAML_BODY,
)
def apply(
    request: HttpRequest, key: str, seen: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> HttpResponse:
    """Make a YAML definition the journey's newest version; 200 where it changes nothing.

    With `seen`, the version that was changed, 409 where another has come into force meanwhile.
    """
    try:
        applied = actions.apply_journey(
            actor_in(request), request.body.decode(), f"{key}.yaml", key=key, seen=seen
        )
    except actions.Superseded as error:
        raise HttpError(409, error.seen_another) from error
    except UnicodeDecodeError as error:
        raise HttpError(422, "The body is not UTF-8 text.") from error
    except DocumentError as error:
        raise ValidationError([{"loc": ("body", f"line {error.line}"), "msg": error.told}]) from error
    return answered(applied, status=201 if applied.new else 200)


@router.get("/journeys/{key}/fit", auth=needs(READ_JOURNEYS), response=shape_of(definitions.Fit))
def fit(request: HttpRequest, key: str) -> HttpResponse:
    """Does the map still fit its events?"""
    return answered(check_fit(actor_in(request), key))


@router.get("/journeys/{key}/blueprint", auth=needs(READ_JOURNEYS), response=shape_of(Blueprint))
def get_blueprint(request: HttpRequest, key: str, asked: Query[WantedMeasure]) -> HttpResponse:
    """Both sides of the journey with live figures."""
    return _measured(blueprint, request, key, asked)


@router.get("/journeys/{key}/funnel", auth=needs(READ_JOURNEYS), response=shape_of(figures.Funnel))
def get_funnel(request: HttpRequest, key: str, asked: Query[WantedMeasure]) -> HttpResponse:
    """How far customers come, and where they are lost."""
    return _measured(funnel, request, key, asked)


@router.get("/journeys/{key}/flow", auth=needs(READ_JOURNEYS), response=shape_of(ways.Flow))
def get_flow(request: HttpRequest, key: str, asked: Query[WantedPaths]) -> HttpResponse:
    """What follows what, in a journey or among the states of a source's cases."""
    return _measured(paths.flow, request, key, asked, over=asked.over)


@router.get("/journeys/{key}/variants", auth=needs(READ_JOURNEYS), response=shape_of(ways.Variants))
def get_variants(request: HttpRequest, key: str, asked: Query[WantedTop]) -> HttpResponse:
    """The most frequent ways through a journey, or through the states of a source."""
    return _measured(paths.variants, request, key, asked, over=asked.over, top=asked.top)


@router.get("/journeys/{key}/times", auth=needs(READ_JOURNEYS), response=shape_of(ways.Times))
def get_times(request: HttpRequest, key: str, asked: Query[WantedMeasure]) -> HttpResponse:
    """First-touch times from step to step."""
    return _measured(paths.times, request, key, asked)


@router.get("/journeys/{key}/segments", auth=needs(READ_JOURNEYS), response=shape_of(conducts.Segments))
def get_segments(request: HttpRequest, key: str, asked: Query[WantedMeasure]) -> HttpResponse:
    """Each segment against the rest; `by` is needed."""
    return _measured(conduct.segments, request, key, asked)


@router.get("/journeys/{key}/loss", auth=needs(READ_JOURNEYS), response=shape_of(conducts.Loss))
def get_loss(request: HttpRequest, key: str, asked: Query[WantedMeasure]) -> HttpResponse:
    """Customers and money lost together with a bad experience."""
    return _measured(conduct.loss, request, key, asked)


@router.get("/journeys/{key}/friction", auth=needs(READ_JOURNEYS), response=shape_of(conducts.Friction))
def get_friction(request: HttpRequest, key: str, asked: Query[WantedMeasure]) -> HttpResponse:
    """Repeats, going back and channel hops."""
    return _measured(conduct.friction, request, key, asked)


@router.get("/journeys/{key}/turns", auth=needs(READ_JOURNEYS), response=shape_of(conducts.Turns))
def get_turns(request: HttpRequest, key: str, asked: Query[WantedMeasure]) -> HttpResponse:
    """For whom the journey waits."""
    return _measured(conduct.turns, request, key, asked)


@router.get("/journeys/{key}/after-loss", auth=needs(READ_JOURNEYS), response=shape_of(conducts.AfterLoss))
def get_after_loss(request: HttpRequest, key: str, asked: Query[WantedTop]) -> HttpResponse:
    """What lost customers did next."""
    return _measured(conduct.after_loss, request, key, asked, top=asked.top)


@router.get("/journeys/{key}/people", auth=needs(READ_CUSTOMERS), response=shape_of(Travellers))
def get_people(request: HttpRequest, key: str, asked: Query[WantedPeople]) -> HttpResponse:
    """The customers behind a number. The look is kept in the audit log."""
    page = {"over": asked.over, "offset": asked.offset, "limit": asked.limit}
    return _measured(people, request, key, asked, choice=asked.choice(), **page)


@router.get("/journeys/{key}/people/{entity}", auth=needs(READ_CUSTOMERS), response=shape_of(JourneyStory))
def get_story(request: HttpRequest, key: str, entity: int) -> HttpResponse:
    """One customer's or case's way. The look is kept in the audit log."""
    return answered(journey_story(actor_in(request), key, entity))


def _measured(
    ask: Callable[..., object], request: HttpRequest, key: str, asked: WantedMeasure, **more: Any
) -> HttpResponse:
    actor: Actor = actor_in(request)
    try:
        return answered(ask(actor, key, asked.selection(), **more))
    except ValueError as error:
        raise HttpError(422, str(error)) from error
