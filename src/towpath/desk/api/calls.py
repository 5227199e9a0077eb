"""API: contact trends of call centres."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from towpath.desk.actions.calls import take_calls
from towpath.desk.importers.calls import MOST_BYTES, SeriesRefused
from towpath.desk.queries.calls import call_trends
from towpath.desk.rules.permissions import MANAGE_DESK, READ_DESK
from towpath.desk.schemas.calls import CallsTaken, CallTrends
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["desk"])
CONTENT = {"text/csv": {"schema": {"type": "string"}}}


class AskedSeries(Schema):
    """`source`: who tells it, the same name each time. `zone`: of times that name none. `queue`: of rows that
    name none."""

    source: str = Field(min_length=1, max_length=100)
    zone: str = Field("UTC", max_length=60)
    queue: str = Field("", max_length=200)


@router.get("/calls", auth=needs(READ_DESK), response=shape_of(CallTrends))
def list_calls(request: HttpRequest) -> HttpResponse:
    """Every queue with its last 26 weeks: calls offered, answered, given up, and how long people waited."""
    return answered(call_trends(actor_in(request)))


@router.post(
    "/calls",
    auth=needs(MANAGE_DESK),
    response=shape_of(CallsTaken),
    openapi_extra={"requestBody": {"required": True, "content": CONTENT}},
)
def take_series(request: HttpRequest, asked: Query[AskedSeries]) -> HttpResponse:
    """Tell a series: CSV in the body. Lines that are not right are told and left out; 422: none can be taken,
    and why."""
    try:
        return answered(take_calls(actor_in(request), raw=request.read(MOST_BYTES + 1), **asked.dict()))
    except SeriesRefused as error:
        raise HttpError(422, str(error)) from error
    except ValidationError as error:
        raise HttpError(422, " ".join(error.messages)) from error
