"""What lies beneath a service in the estate, and what of it is weak."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.http import Http404

from towpath.catalogue.rules.declaring import DeclaredService
from towpath.catalogue.schemas.service import ServiceRisks
from towpath.estate.queries.beneath import beneath_all, items_named
from towpath.estate.queries.exposures import exposures_beneath
from towpath.estate.queries.finding import item_meant
from towpath.estate.queries.items import in_conflict
from towpath.foundation.access.actor import Actor


def risks_of(actor: Actor, each: DeclaredService) -> ServiceRisks:
    """Raises PermissionDenied."""
    found, unknown = _meant(actor, each.items)
    named = items_named(actor, each.names)
    rests_on = list(dict.fromkeys([*named.values(), *found]))
    under = beneath_all(actor, rests_on)
    beneath = {place.id for place in (*under.named, *under.beneath)}
    weak = exposures_beneath(actor, beneath)
    return ServiceRisks(
        items=under.named,
        unknown=tuple(unknown),
        beneath=under.needs,
        single_points=tuple(place for place in under.single_points if place.id not in rests_on),
        weak=len(weak),
        late=sum(one.overdue for one in weak),
        conflicts=in_conflict(actor, beneath),
        unavailable=under.unavailable.estimate if under.unavailable else None,
        assumed=under.unavailable.assumed if under.unavailable else 0,
    )


def _meant(actor: Actor, items: Iterable[str]) -> tuple[list[int], list[str]]:
    """Items of the estate as they were declared, and those that it does not know or knows several of."""
    found, unknown = [], []
    for text in items:
        try:
            found.append(item_meant(actor, text).pk)
        except (Http404, ValidationError):
            unknown.append(text)
    return found, unknown
