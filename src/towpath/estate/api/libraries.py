"""API: libraries by package, their licences, and advisories."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from towpath.estate.queries import libraries as queries
from towpath.estate.queries.advisories import advisory
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.estate.schemas.libraries import (
    AdvisoryShown,
    LibraryList,
    LibraryShown,
    LicenceKind,
    LicenceList,
)
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["estate"])


class AskedLibraries(Schema):
    """`q`: words within the package URL; `licence`: that one, empty for those of which none is known."""

    q: str = Field("", max_length=300)
    licence: str | None = Field(None, max_length=1_000)


class AskedLicences(Schema):
    """`q`: words within the licence; `only`: SPDX expressions, other names, or unknown ones."""

    q: str = Field("", max_length=300)
    only: LicenceKind = ""


@router.get("/estate/libraries", auth=needs(READ_ESTATE), response=shape_of(LibraryList))
def list_libraries(request: HttpRequest, asked: Query[AskedLibraries]) -> HttpResponse:
    """Packages that something holds, by name."""
    return answered(queries.library_list(actor_in(request), asked.q, asked.licence))


@router.get("/estate/libraries/{path:purl}", auth=needs(READ_ESTATE), response=shape_of(LibraryShown))
def show_library(request: HttpRequest, purl: str) -> HttpResponse:
    """One package: versions, holders, weaknesses, licences, end of life, and whom its holders serve."""
    return answered(queries.library(actor_in(request), purl))


@router.get("/estate/licences", auth=needs(READ_ESTATE), response=shape_of(LicenceList))
def list_licences(request: HttpRequest, asked: Query[AskedLicences]) -> HttpResponse:
    """Licences of all libraries, and who holds them."""
    return answered(queries.licence_list(actor_in(request), asked.q, asked.only))


@router.get("/estate/advisories/{named}", auth=needs(READ_ESTATE), response=shape_of(AdvisoryShown))
def show_advisory(request: HttpRequest, named: str) -> HttpResponse:
    """What an advisory says, who holds what it affects, and what customers meet through that."""
    return answered(advisory(actor_in(request), named))
