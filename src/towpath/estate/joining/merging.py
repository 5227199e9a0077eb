"""Two items become one, and two again: rows move, and what moved is written down."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone

from towpath.estate.models import Fact, Item, ItemKey, Link, Sighting

Moved = dict[str, Any]


def move(gone: Item, kept: Item) -> Moved:
    """Give `kept` all that is `gone`'s. Where both have the same (a source's word on a field, a link), that
    of `kept` stays and the other ends. Returns the rows that moved. Within a transaction."""
    moved: Moved = {"keys": _pks(ItemKey, gone)}
    ItemKey.objects.filter(pk__in=moved["keys"]).update(item=kept)
    theirs = set(kept.sightings.values_list("source", flat=True))
    moved["sightings"] = [row.pk for row in gone.sightings.all() if row.source not in theirs]
    Sighting.objects.filter(pk__in=moved["sightings"]).update(item=kept)
    said = set(kept.facts.filter(until=None).values_list("source", "field"))
    facts = gone.facts.all()
    moved["ended"] = [row.pk for row in facts if row.until is None and (row.source, row.field) in said]
    moved["facts"] = [row.pk for row in facts]
    Fact.objects.filter(pk__in=moved["ended"]).update(until=timezone.now())
    Fact.objects.filter(pk__in=moved["facts"]).update(item=kept)
    moved["links"] = _move_links(gone, kept)
    gone.merged_into = kept
    gone.save(update_fields=["merged_into"])
    return moved


def move_back(gone: Item, moved: Moved) -> None:
    """Undo `move`, as far as the rows are still what they were. Within a transaction."""
    ItemKey.objects.filter(pk__in=moved["keys"]).update(item=gone)
    Sighting.objects.filter(pk__in=moved["sightings"]).update(item=gone)
    Fact.objects.filter(pk__in=moved["facts"]).update(item=gone)
    Fact.objects.filter(pk__in=moved["ended"]).update(until=None)
    for end in ("start", "end"):
        Link.objects.filter(pk__in=moved["links"][end]).update(**{end: gone})
    Link.objects.filter(pk__in=moved["links"]["ended"]).update(until=None)
    gone.merged_into = None
    gone.save(update_fields=["merged_into"])


def _pks(model: type[ItemKey], item: Item) -> list[int]:
    return list(model.objects.filter(item=item).values_list("pk", flat=True))


def _move_links(gone: Item, kept: Item) -> dict[str, list[int]]:
    """Links between both end, and so do those that `kept` has already."""
    now = timezone.now()
    standing = Link.objects.filter(until=None)
    moved: dict[str, list[int]] = {"ended": []}
    for end, other in (("start", "end"), ("end", "start")):
        theirs = set(standing.filter(**{end: kept}).values_list(f"{other}_id", "kind", "source"))
        rows = list(standing.filter(**{end: gone}).annotate(far=F(f"{other}_id")))
        ended = [row.pk for row in rows if row.far == kept.pk or (row.far, row.kind, row.source) in theirs]
        Link.objects.filter(pk__in=ended).update(until=now)
        moved["ended"] += ended
        moved[end] = [row.pk for row in rows if row.pk not in set(ended)]
        Link.objects.filter(pk__in=moved[end]).update(**{end: kept})
    return moved
