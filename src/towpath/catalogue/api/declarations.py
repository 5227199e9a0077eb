"""API: what is declared of services and agreements."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from towpath.catalogue.actions.importing import apply_catalogue
from towpath.catalogue.queries.declared import declared_in, exported
from towpath.catalogue.rules.permissions import READ_CATALOGUE, WRITE_CATALOGUE
from towpath.catalogue.schemas.changes import CatalogueDiff
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of
from towpath.foundation.operations.documents import DocumentError

router = Router(tags=["catalogue"])
MOST_BYTES = 8 << 20
YAML = {"application/yaml": {"schema": {"type": "string"}}}
YAML_READ = {"application/yaml": {"schema": {"type": "object"}}}


class AskedDeclaration(Schema):
    """`dry_run`: only tell what would change. `complete`: the body names all there is; what it does not name
    is gone."""

    dry_run: bool = False
    complete: bool = False


@router.get(
    "/catalogue/declaration",
    auth=needs(READ_CATALOGUE),
    openapi_extra={"responses": {200: {"description": "YAML", "content": YAML_READ}}},
)
def show_declaration(request: HttpRequest) -> HttpResponse:
    """The whole catalogue as YAML."""
    return HttpResponse(exported(actor_in(request)), content_type="application/yaml")


@router.post(
    "/catalogue/declaration",
    auth=needs(WRITE_CATALOGUE),
    response=shape_of(CatalogueDiff),
    openapi_extra={"requestBody": {"required": True, "content": YAML}},
)
def declare(request: HttpRequest, asked: Query[AskedDeclaration]) -> HttpResponse:
    """Put what the YAML in the body declares into the catalogue, all of it or nothing. 413: larger than 8 MB;
    422: it is not right, with line and column."""
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise HttpError(413, "At most 8 MB: split the catalogue into several declarations.")
    try:
        texts = [("body", body.decode("utf-8-sig"))]
        if asked.dry_run:
            return answered(declared_in(actor_in(request), texts, complete=asked.complete)[1])
        return answered(apply_catalogue(actor_in(request), texts, complete=asked.complete))
    except UnicodeDecodeError as error:
        raise HttpError(422, "The body is not in UTF-8: save it as UTF-8.") from error
    except DocumentError as error:
        raise HttpError(422, str(error)) from error
