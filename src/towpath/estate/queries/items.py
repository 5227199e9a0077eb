"""What exists: lists by keys, so that the last page costs what the first does, and search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from towpath.estate.models import Item, Sighting
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.rules.wording import kind_in_words
from towpath.estate.schemas.items import ItemList, ItemRow, WantedItems
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible

PAGE = 50


def items(actor: Actor, wanted: WantedItems | None = None) -> ItemList:
    """One page of items, by name. Raises ValidationError for a page that is not there."""
    wanted = wanted or WantedItems()
    rows = _after(_chosen(visible(Item, actor).filter(merged_into=None), wanted), wanted.after)
    found = list(rows[: PAGE + 1])
    more = len(found) > PAGE
    return ItemList(items=tuple(rows_of(found[:PAGE])), next=str(found[PAGE - 1].pk) if more else "")


def rows_of(found: Iterable[Item]) -> list[ItemRow]:
    """Items as lists show them; one query for who sees them."""
    found = list(found)
    seeing = defaultdict(list)
    shown = Sighting.objects.filter(item__in=found, missing_since=None).order_by("source")
    for item_id, source in shown.values_list("item_id", "source"):
        seeing[item_id].append(source)
    rules = rules_in_force()
    return [
        ItemRow(
            id=row.pk,
            kind=row.kind,
            kind_in_words=kind_in_words(row.kind, rules),
            name=row.name,
            owner=row.owner,
            lifecycle=row.lifecycle,
            sources=tuple(seeing[row.pk]),
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            gone_since=row.gone_since,
        )
        for row in found
    ]


def in_conflict(actor: Actor, items: Collection[int]) -> int:
    """Of how many of these items sources say different things. Raises PermissionDenied."""
    return visible(Item, actor).filter(pk__in=items, conflicts__gt=0).count()


def _chosen(rows: QuerySet[Item], wanted: WantedItems) -> QuerySet[Item]:
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.owner:
        rows = rows.filter(owner=wanted.owner)
    if wanted.source:
        rows = rows.filter(sightings__source=wanted.source, sightings__missing_since=None)
    for word in wanted.q.lower().split()[:8]:
        rows = rows.filter(words__contains=word)
    here = Q(gone_since=None)
    return rows.filter(
        {
            "all": Q(),
            "here": here,
            "gone": ~here,
            "unowned": here & Q(owner=""),
            "unmanaged": here & Q(managed=False),
            "conflicts": here & Q(conflicts__gt=0),
        }[wanted.which]
    )


def _after(rows: QuerySet[Item], after: str) -> QuerySet[Item]:
    if not after:
        return rows
    last = Item.objects.filter(pk=int(after)).first() if after.isascii() and after.isdigit() else None
    if last is None:
        raise ValidationError(_("This page is not there: begin at the first one."))
    return rows.filter(name__gte=last.name).exclude(Q(name=last.name) & Q(pk__lte=last.pk))
