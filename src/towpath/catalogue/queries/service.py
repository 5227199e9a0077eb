"""One service with all that is known of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from towpath.catalogue.measures.attempts import changes_seen, teams_seen
from towpath.catalogue.models import Agreement, Service
from towpath.catalogue.queries.health import WEEK, health_of
from towpath.catalogue.queries.risks import risks_of
from towpath.catalogue.queries.services import row_of
from towpath.catalogue.rules.declaring import Cost, DeclaredService
from towpath.catalogue.schemas.service import ServiceChange, ServiceCost, ServiceNamed, ServiceShown
from towpath.estate.carrying import carried_by
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.events.lake import Snapshot
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, visible

MOST_CHANGES = 10
CHANGES_WITHIN = timedelta(days=28)


def service(actor: Actor, name: str) -> ServiceShown:
    """The service of that name, also one that is gone. Raises Http404, PermissionDenied."""
    row = fetch(Service, actor, name=name[:100])
    each, snapshot = row.declared(), lake().snapshot()
    agreements = visible(Agreement, actor).filter(service=row.name, gone_since=None)
    health, promises = health_of(snapshot, [each], [one.declared() for one in agreements])[row.name]
    others = {one.name: one for one in visible(Service, actor).filter(gone_since=None)}
    sees_estate = actor.may(READ_ESTATE)
    teams, changes = _seen(snapshot, each)
    return ServiceShown(
        service=row_of(row, health),
        seen_as=each.names,
        hours=each.hours,
        offerings=each.offerings,
        documents=each.documents,
        costs=each.costs,
        costs_a_month=_added(each.costs),
        consumers=each.consumers,
        teams=teams,
        promises=promises,
        needs=_named(others[one] for one in each.needs if one in others),
        needed_by=_named(one for one in others.values() if row.name in one.declared().needs),
        carried=carried_by(actor, each.names) if sees_estate else None,
        changes=changes,
        risks=risks_of(actor, each) if sees_estate else None,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def _seen(snapshot: Snapshot, each: DeclaredService) -> tuple[tuple[str, ...], tuple[ServiceChange, ...]]:
    until = max(snapshot.watermarks().values(), default=None)
    if until is None:
        return (), ()
    changes = changes_seen(snapshot, each.names, until - CHANGES_WITHIN, MOST_CHANGES)
    shown = (
        ServiceChange(one.change, one.version or "", one.component or "", one.seen_at) for one in changes
    )
    return teams_seen(snapshot, each.names, until - WEEK), tuple(shown)


def _named(rows: Iterable[Service]) -> tuple[ServiceNamed, ...]:
    return tuple(ServiceNamed(row.name, row.title) for row in rows)


def _added(costs: Iterable[Cost]) -> tuple[ServiceCost, ...]:
    """Currencies are never added to one another."""
    sums: dict[str, float] = defaultdict(float)
    for cost in costs:
        sums[cost.currency] += cost.a_month
    return tuple(ServiceCost(amount, currency) for currency, amount in sums.items())
