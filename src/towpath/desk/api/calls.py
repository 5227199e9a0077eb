"""API: what call centres report."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from towpath.desk.actions.calls import take_calls
from towpath.desk.queries import calls as queries
from towpath.desk.queries.call_previews import preview_calls
from towpath.desk.rules.call_lists import CallList, CallMapping
from towpath.desk.rules.permissions import MANAGE_DESK, READ_DESK
from towpath.desk.schemas.calls import CallSeriesShown, CallsTaken, CallTrends
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of, shapes_of

router = Router(tags=["desk"])
MOST_BYTES = 32 << 20
BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
}
Column = Annotated[str, Field(max_length=200)]


class AskedCalls(Schema):
    """Which column holds what (found by its heading where left out); `zone` of times that carry none;
    `time_format` as for strptime, else ISO 8601; `minutes` of an interval, else found."""

    zone: str = Field("", max_length=60)
    minutes: int = Field(0, ge=0, le=1440)
    time_format: str = Field("", max_length=60)
    begins: Column = ""
    queue: Column = ""
    offered: Column = ""
    answered: Column = ""
    abandoned: Column = ""
    wait: Column = ""
    within: Column = ""

    def mapping(self) -> CallMapping:
        return msgspec.convert(self.model_dump(), CallMapping)


@router.get("/calls", auth=needs(READ_DESK), response=shapes_of(CallSeriesShown))
def list_call_series(request: HttpRequest) -> HttpResponse:
    """Series of calls that were taken in."""
    return answered(queries.call_series(actor_in(request)))


@router.get("/calls/{series}", auth=needs(READ_DESK), response=shape_of(CallTrends))
def get_call_trends(
    request: HttpRequest, series: str, queue: Annotated[str, Field(max_length=200)] = ""
) -> HttpResponse:
    """Calls offered, answered, given up and how long they waited: by queue, week, and hour of the week."""
    return answered(queries.call_trends(actor_in(request), series, queue))


@router.post("/calls/{series}", auth=needs(MANAGE_DESK), response=shape_of(CallsTaken), openapi_extra=BODY)
def take_call_list(request: HttpRequest, series: str, asked: Query[AskedCalls]) -> HttpResponse:
    """Take a list in (CSV, in the body). The same interval again is updated. 422: it makes no sense."""
    try:
        return answered(take_calls(actor_in(request), series, _body(request), asked.mapping()))
    except ValidationError as error:
        raise HttpError(422, " ".join(error.messages)) from error


@router.post(
    "/calls/{series}/preview", auth=needs(MANAGE_DESK), response=shape_of(CallList), openapi_extra=BODY
)
def preview_call_list(request: HttpRequest, series: str, asked: Query[AskedCalls]) -> HttpResponse:
    """What a list would bring, and which lines would be refused; nothing is kept."""
    try:
        return answered(preview_calls(actor_in(request), series, _body(request), asked.mapping()))
    except ValidationError as error:
        raise HttpError(422, " ".join(error.messages)) from error


def _body(request: HttpRequest) -> str:
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise HttpError(413, "At most 32 MB; divide the list by months.")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HttpError(422, f"The list is not UTF-8: byte {error.start} cannot be read.") from error
