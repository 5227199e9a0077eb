"""The list of services, and how each is."""

from __future__ import annotations

from django.db.models import QuerySet

from towpath.catalogue.models import Agreement, Service
from towpath.catalogue.queries.health import health_of
from towpath.catalogue.rules.wording import AUDIENCES, LIFECYCLES
from towpath.catalogue.schemas.services import ServiceHealth, ServiceList, ServiceRow, WantedServices
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible


def services(actor: Actor, wanted: WantedServices | None = None) -> ServiceList:
    """Those that fit, by title. Raises PermissionDenied."""
    wanted = wanted or WantedServices()
    rows = visible(Service, actor).filter(gone_since=None)
    found = list(_chosen(rows, wanted))
    agreements = [row.declared() for row in visible(Agreement, actor).filter(gone_since=None)]
    told = health_of(lake().snapshot(), [row.declared() for row in found], agreements) if found else {}
    owners = sorted(set(rows.values_list("owner", flat=True)))
    return ServiceList(
        services=tuple(row_of(row, told[row.name][0]) for row in found),
        owners=tuple(owners),
        in_all=rows.count(),
    )


def row_of(row: Service, health: ServiceHealth) -> ServiceRow:
    """A service as it is shown."""
    each = row.declared()
    return ServiceRow(
        name=row.name,
        title=row.title,
        audience=row.audience,
        audience_in_words=str(AUDIENCES[row.audience]),
        purpose=each.purpose,
        owner=row.owner,
        lifecycle=row.lifecycle,
        lifecycle_in_words=str(LIFECYCLES[row.lifecycle]),
        health=health,
        gone_since=row.gone_since,
    )


def _chosen(rows: QuerySet[Service], wanted: WantedServices) -> QuerySet[Service]:
    if wanted.audience:
        rows = rows.filter(audience=wanted.audience)
    if wanted.owner:
        rows = rows.filter(owner=wanted.owner)
    for word in wanted.q.lower().split()[:8]:
        rows = rows.filter(words__contains=word)
    return rows
