"""API: what is provided, by whom, and how it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from towpath.catalogue.queries.service import service
from towpath.catalogue.queries.services import services
from towpath.catalogue.rules.permissions import READ_CATALOGUE
from towpath.catalogue.schemas.service import ServiceShown
from towpath.catalogue.schemas.services import ServiceList, WantedAudience, WantedServices
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["catalogue"])


class AskedServices(Schema):
    """Which services; what is left out lets everything through. `audience`: for whom."""

    q: str = Field("", max_length=300)
    audience: WantedAudience = ""
    owner: str = Field("", max_length=200)


@router.get("/catalogue/services", auth=needs(READ_CATALOGUE), response=shape_of(ServiceList))
def list_services(request: HttpRequest, asked: Query[AskedServices]) -> HttpResponse:
    """Services by title, each with how it is."""
    wanted = WantedServices(asked.q, asked.audience, asked.owner)
    return answered(services(actor_in(request), wanted))


@router.get("/catalogue/services/{service_name}", auth=needs(READ_CATALOGUE), response=shape_of(ServiceShown))
def show_service(request: HttpRequest, service_name: str) -> HttpResponse:
    """One service: owner, health, consumers, promises, journeys carried, changes, risks. What lies in the
    estate needs the scope estate:read too."""
    return answered(service(actor_in(request), service_name))
