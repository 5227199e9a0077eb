"""How far the picture of the estate can be trusted, as numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from towpath.estate.models import Item, Link
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.rules.ruling import EstateRules
from towpath.estate.rules.wording import kind_in_words
from towpath.estate.schemas.trust import TrustOfKind, TrustShown
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible

TOLD = ("items", "current", "connected", "owned", "confirmed", "trusted")


def trust(actor: Actor) -> TrustShown:
    """Over all items that are not gone, and by kind. Raises PermissionDenied."""
    rules, now = rules_in_force(), timezone.now()
    rows = visible(Item, actor).filter(merged_into=None)
    here = rows.filter(gone_since=None)
    kinds = _by_kind(here, rules, now)
    whole = {name: sum(getattr(each, name) for each in kinds) for name in TOLD}
    return TrustShown(
        as_of=now,
        current_days=rules.current_days,
        **whole,
        share=whole["trusted"] / whole["items"] if whole["items"] else None,
        unmanaged=here.filter(managed=False).count(),
        conflicts=here.filter(conflicts__gt=0).count(),
        gone=rows.exclude(gone_since=None).count(),
        kinds=kinds,
    )


def _by_kind(here: QuerySet[Item], rules: EstateRules, now: datetime) -> tuple[TrustOfKind, ...]:
    current = Q(last_seen__gte=now - timedelta(days=rules.current_days))
    owned, confirmed = ~Q(owner=""), Q(seen_by__gte=2)
    standing = Link.objects.filter(until=None)
    linked = Exists(standing.filter(start=OuterRef("pk"))) | Exists(standing.filter(end=OuterRef("pk")))
    counted = (
        here.annotate(linked=linked)
        .values("kind")
        .order_by("kind")
        .annotate(
            items=Count("pk"),
            current=Count("pk", filter=current),
            connected=Count("pk", filter=Q(linked=True)),
            owned=Count("pk", filter=owned),
            confirmed=Count("pk", filter=confirmed),
            trusted=Count("pk", filter=current & Q(linked=True) & owned & confirmed),
        )
    )
    return tuple(
        TrustOfKind(
            kind=each["kind"],
            kind_in_words=kind_in_words(each["kind"], rules),
            items=each["items"],
            current=each["current"],
            connected=each["connected"],
            owned=each["owned"],
            confirmed=each["confirmed"],
            trusted=each["trusted"],
        )
        for each in counted
    )
