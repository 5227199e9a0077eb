"""API: what others say of weaknesses (VEX)."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from towpath.estate.actions.vex import take_vex
from towpath.estate.rules.permissions import WRITE_ESTATE
from towpath.estate.schemas.vex import VexTaken
from towpath.estate.vex.document import VexRefused
from towpath.estate.vex.reading import MOST_BYTES
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of
from towpath.foundation.operations.home import home

router = Router(tags=["estate"])
CONTENT = {
    "application/json": {"schema": {"type": "object"}},
    "application/xml": {"schema": {"type": "string"}},
}


class AskedVex(Schema):
    """`item`: what the document is about (number, name, kind:name), where that is not known here by a package
    URL."""

    item: str = Field("", max_length=500)


@router.post(
    "/estate/vex",
    auth=needs(WRITE_ESTATE),
    response={201: shape_of(VexTaken)},
    openapi_extra={"requestBody": {"required": True, "content": CONTENT}},
)
def take_vex_document(request: HttpRequest, asked: Query[AskedVex]) -> HttpResponse:
    """OpenVEX 0.2, CSAF 2.0 or CycloneDX, as it is, in the body: each statement becomes its author's
    assessment. 413: larger than 32 MB; 422: it cannot be taken, and why."""
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise HttpError(413, "At most 32 MB: give it in parts.")
    home().uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home().uploads) as folder:
        path = Path(folder) / "body"
        path.write_bytes(body)
        try:
            found = take_vex(actor_in(request), path, asked.item)
        except VexRefused as error:
            raise HttpError(422, str(error)) from error
    return answered(found, status=201)
