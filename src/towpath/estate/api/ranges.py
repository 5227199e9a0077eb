"""API: networks that may be scanned, and having them scanned."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from towpath.estate.actions import scanning as actions
from towpath.estate.jobs import scan_range
from towpath.estate.queries import ranges as queries
from towpath.estate.rules.permissions import AUTHORISE_SCANS, READ_ESTATE, WRITE_ESTATE
from towpath.estate.schemas.ranges import RangeShown
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shapes_of

router = Router(tags=["estate"])


class RangeWanted(Schema):
    """`networks`: CIDR, one or more; `ports` as nmap takes them; `every_s` 0: only when somebody asks."""

    name: str = Field(min_length=1, max_length=60)
    networks: list[str] = Field(min_length=1, max_length=1_000)
    ports: str = Field("", max_length=500)
    every_s: int = Field(0, ge=0, le=366 * 86_400)
    because: str = Field("", max_length=500)


@router.get("/estate/ranges", auth=needs(READ_ESTATE), response=shapes_of(RangeShown))
def list_ranges(request: HttpRequest) -> HttpResponse:
    """Which networks may be scanned, and when they were."""
    return answered(queries.ranges(actor_in(request)))


@router.post("/estate/ranges", auth=needs(AUTHORISE_SCANS), response=shapes_of(RangeShown))
def authorise_range(request: HttpRequest, sent: RangeWanted) -> HttpResponse:
    """Allow that networks are scanned under a name. Answers with all ranges. 422: what is wrong."""
    try:
        actions.authorise(
            actor_in(request), sent.name, " ".join(sent.networks),
            ports=sent.ports, every_s=sent.every_s, because=sent.because,
        )  # fmt: skip
    except ValidationError as error:
        raise HttpError(422, " ".join(error.messages)) from error
    return answered(queries.ranges(actor_in(request)))


@router.delete("/estate/ranges/{range_name}", auth=needs(AUTHORISE_SCANS), response=shapes_of(RangeShown))
def withdraw_range(request: HttpRequest, range_name: str) -> HttpResponse:
    """Allow it no more. Answers with the ranges that are left."""
    actions.withdraw(actor_in(request), range_name)
    return answered(queries.ranges(actor_in(request)))


@router.post("/estate/ranges/{range_name}/scans", auth=needs(WRITE_ESTATE), response={202: None})
def begin_scan(request: HttpRequest, range_name: str) -> Status[None]:
    """Have an authorised range scanned by a worker. 404 where nobody authorised one of that name."""
    actions.ask_for_scan(actor_in(request), range_name)
    scan_range.enqueue(range_name)
    return Status(202, None)
