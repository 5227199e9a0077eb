"""API: weak libraries, and what people say of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from towpath.estate.actions import exposures as actions
from towpath.estate.queries import exposures as queries
from towpath.estate.rules.permissions import READ_ESTATE, WRITE_ESTATE
from towpath.estate.schemas.exposures import ExposureList, ExposureShown
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["estate"])
Number = Annotated[int, Field(ge=1, lt=1 << 63)]


class AssessmentGiven(Schema):
    """What it is; `not_affected` and `accepted` say why, `accepted` also until which day."""

    status: Literal["open", "in_triage", "not_affected", "fixed", "accepted"]
    because: str = Field("", max_length=500)
    until: date | None = None


@router.get("/estate/exposures", auth=needs(READ_ESTATE), response=shape_of(ExposureList))
def list_exposures(request: HttpRequest) -> HttpResponse:
    """Libraries in weak versions, the most urgent first, and how many are mended in time."""
    return answered(queries.exposures(actor_in(request)))


@router.get("/estate/exposures/{number}", auth=needs(READ_ESTATE), response=shape_of(ExposureShown))
def show_exposure(request: HttpRequest, number: Number) -> HttpResponse:
    """One of them with all that was said."""
    return answered(queries.exposure(actor_in(request), number))


@router.post(
    "/estate/exposures/{number}/assessments", auth=needs(WRITE_ESTATE), response=shape_of(ExposureShown)
)
def assess_exposure(request: HttpRequest, number: Number, given: AssessmentGiven) -> HttpResponse:
    """Say what it is, under one's own name. 422 where a reason or a day lacks."""
    try:
        actions.assess(actor_in(request), number, given.status, given.because, given.until)
    except ValidationError as error:
        raise HttpError(422, " ".join(error.messages)) from error
    return answered(queries.exposure(actor_in(request), number))
