"""What follows for items from all that is said of them: name, kind, owner, who sees them, conflicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from towpath.estate.models import Clash, Decision, Fact, Item, ItemKey, Sighting
from towpath.estate.rules.holding import Said, disagree, holding
from towpath.estate.rules.ruling import EstateRules

OF_ITEMS = {"name": 300, "kind": 40, "owner": 200, "lifecycle": 40}
"""Facts that stand in the item's own columns, and how long each is at most."""
COLUMNS = (*OF_ITEMS, "first_seen", "last_seen", "gone_since", "conflicts", "seen_by", "managed", "words")


def settle(items: Collection[int], rules: EstateRules) -> None:
    """Write anew what follows for these items. Within a transaction."""
    rows = {row.pk: row for row in Item.objects.filter(pk__in=items)}
    before = {pk: _columns(row) for pk, row in rows.items()}
    forms: dict[int, dict[str, Sighting]] = defaultdict(dict)
    for sighting in Sighting.objects.filter(item__in=rows):
        forms[sighting.item_id][sighting.source] = sighting
    said, decided = _said(rows, forms, rules), _decided(rows)
    words = _keys(rows)
    clashes = Clash.objects.filter(item__in=rows, settled_at=None).values_list("item_id", flat=True)
    for pk, row in rows.items():
        for name, longest in OF_ITEMS.items():
            value = holding(said[pk].get(name, []), decided.get((pk, name)))
            if value or name in {"owner", "lifecycle"}:
                setattr(row, name, value[:longest])
        row.conflicts = sum(
            disagree(field, each, decided.get((pk, field))) for field, each in said[pk].items()
        )
        row.conflicts += sum(item == pk for item in clashes)
        _seen(row, forms[pk].values(), rules)
        row.words = " ".join([row.name.lower(), *sorted(words[pk]), row.owner.lower()])[:4_000]
    # An upsert: Django's bulk_update writes a CASE for each row and column, thirty times as slow.
    Item.objects.bulk_create(
        [row for row in rows.values() if _columns(row) != before[row.pk]],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=COLUMNS,
    )


def _columns(row: Item) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in COLUMNS)


def _seen(row: Item, sightings: Collection[Sighting], rules: EstateRules) -> None:
    here = [each for each in sightings if each.missing_since is None]
    if sightings:
        row.first_seen = min(each.first_seen for each in sightings)
        row.last_seen = max(each.last_seen for each in sightings)
        row.gone_since = None if here else max(each.missing_since for each in sightings if each.missing_since)
    row.seen_by = len(here)
    row.managed = any(each.form not in rules.onlookers for each in here)


def _said(
    items: Collection[int], forms: dict[int, dict[str, Sighting]], rules: EstateRules
) -> dict[int, dict[str, list[Said]]]:
    """By item and field, what sources say that still see it; where none does, what they said last."""
    found: dict[int, dict[str, list[Said]]] = defaultdict(lambda: defaultdict(list))
    rows = Fact.objects.filter(item__in=items, until=None)
    for item, source, field, value, last_seen in rows.values_list(
        "item_id", "source", "field", "value", "last_seen"
    ):
        sighting = forms[item].get(source)
        weight = rules.weight_of(sighting.form) if sighting else len(rules.sources)
        if sighting is not None and sighting.missing_since is not None:
            weight += len(rules.sources) + 1
        found[item][field].append(Said(source, value, weight, last_seen))
    for item, fields in found.items():
        if any(each.missing_since is None for each in forms[item].values()):
            for field, each in fields.items():
                fields[field] = [one for one in each if one.weight <= len(rules.sources)] or each
    return found


def _decided(items: Collection[int]) -> dict[tuple[int, str], str]:
    rows = Decision.objects.filter(item__in=items, undone_at=None, other=None)
    return {(item, field): value for item, field, value in rows.values_list("item_id", "field", "value")}


def _keys(items: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for item, value in ItemKey.objects.filter(item__in=items).values_list("item_id", "value"):
        found[item].add(value.lower())
    return found
