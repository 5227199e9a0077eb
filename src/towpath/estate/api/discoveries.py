"""API: sources tell what they see; what changed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from towpath.estate.actions.reports import take_in
from towpath.estate.queries import discoveries as queries
from towpath.estate.rules.permissions import READ_ESTATE, WRITE_ESTATE
from towpath.estate.schemas.item import DiscoveryDetail, DiscoveryShown
from towpath.estate.sources.reading import FORMS, read_report
from towpath.estate.sources.report import ReportRefused
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of, shapes_of
from towpath.foundation.operations.home import home

router = Router(tags=["estate"])
MOST_BYTES = 32 << 20
CONTENT = {
    "application/xml": {"schema": {"type": "string"}},
    "text/csv": {"schema": {"type": "string"}},
    "application/json": {"schema": {"type": "object"}},
    "application/yaml": {"schema": {"type": "string"}},
}


class AskedReport(Schema):
    """`source`: who tells it. `form`: what the body is, found out where it is left out. `site`: of a scan,
    where addresses are used at several places; of manifests, the cluster. `complete`: of a list, it names
    all."""

    source: str = Field(max_length=100)
    form: str = Field("", max_length=20)
    site: str = Field("", max_length=60)
    complete: bool = False


@router.get("/estate/discoveries", auth=needs(READ_ESTATE), response=shapes_of(DiscoveryShown))
def list_discoveries(request: HttpRequest, source: str = "") -> HttpResponse:
    """What sources told, the latest first."""
    return answered(queries.discoveries(actor_in(request), source))


@router.get("/estate/discoveries/{number}", auth=needs(READ_ESTATE), response=shape_of(DiscoveryDetail))
def show_discovery(request: HttpRequest, number: Annotated[int, Field(ge=1, lt=1 << 63)]) -> HttpResponse:
    """One of them, with what was new, gone or different."""
    return answered(queries.discovery(actor_in(request), number))


@router.post(
    "/estate/reports",
    auth=needs(WRITE_ESTATE),
    response={201: shape_of(DiscoveryShown)},
    openapi_extra={"requestBody": {"required": True, "content": CONTENT}},
)
def take_report(request: HttpRequest, asked: Query[AskedReport]) -> HttpResponse:
    """Tell what a source sees: the file as it is, in the body. 413: larger than 32 MB; 422: it cannot be
    taken, and why."""
    if asked.form and asked.form not in FORMS:
        raise HttpError(422, f"{asked.form!r} is no form; known are {', '.join(FORMS)}.")
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise HttpError(413, "At most 32 MB here; take larger reports in with `towpath estate import`.")
    with TemporaryDirectory(dir=home().uploads) as folder:
        path = Path(folder) / "body"
        path.write_bytes(body)
        try:
            report = read_report(path, asked.form, site=asked.site, complete=asked.complete)
        except ReportRefused as error:
            raise HttpError(422, str(error)) from error
    return answered(queries.shown_of(take_in(actor_in(request), asked.source, report)), status=201)
