"""What a source says of items: its sightings, and its facts, of which none is ever overwritten."""

from __future__ import annotations

from collections.abc import Mapping

from towpath.estate.models import Change, Discovery, Fact, Sighting
from towpath.estate.sources.report import Report, SeenItem

LONGEST_VALUE, LONGEST_FIELD, MOST_FACTS = 4_000, 200, 5_000
ROWS = 500
"""Written in one statement: SQLite takes so many values at once."""


def said_of(seen: SeenItem) -> dict[str, str]:
    """Every field with its value, name and kind among them; what is empty says nothing."""
    given = {"name": seen.name, "kind": seen.kind, **dict(list(seen.facts.items())[:MOST_FACTS])}
    return {
        field[:LONGEST_FIELD]: value.strip()[:LONGEST_VALUE]
        for field, value in given.items()
        if value.strip()
    }


def note_sightings(told: Mapping[int, SeenItem], discovery: Discovery) -> tuple[list[Change], set[int]]:
    """Note that the source sees these items. Returns what is back, and the items of which it told something
    later already. Within a transaction."""
    at, source = discovery.at, discovery.source
    rows = {row.item_id: row for row in Sighting.objects.filter(item__in=told, source=source)}
    late = {item for item, row in rows.items() if row.last_seen > at}
    back = [item for item, row in rows.items() if row.missing_since is not None and item not in late]
    for item, row in rows.items():
        if item not in late:
            row.last_seen, row.missing_since = at, None
            row.form, row.scope = discovery.form, told[item].place[:100]
    current = [row for item, row in rows.items() if item not in late]
    Sighting.objects.bulk_update(current, ["last_seen", "missing_since", "form", "scope"], batch_size=ROWS)
    Sighting.objects.bulk_create(
        (
            Sighting(
                item_id=item,
                source=source,
                form=discovery.form,
                scope=seen.place[:100],
                first_seen=at,
                last_seen=at,
            )
            for item, seen in told.items()
            if item not in rows
        ),
        batch_size=ROWS,
    )
    changes = [Change(discovery=discovery, item_id=item, what=Change.What.BACK) for item in back]
    return changes, late


def note_facts(
    told: Mapping[int, SeenItem], discovery: Discovery, report: Report, new: set[int]
) -> list[Change]:
    """Write what the source says now; what it says no more ends here. Returns what changed, of items that it
    knew. Within a transaction."""
    at, source = discovery.at, discovery.source
    wanted = {(item, field): value for item, seen in told.items() for field, value in said_of(seen).items()}
    standing = {
        (row.item_id, row.field): row for row in Fact.objects.filter(item__in=told, source=source, until=None)
    }
    same = [row.pk for key, row in standing.items() if wanted.get(key) == row.value]
    ended = {
        key: row
        for key, row in standing.items()
        if wanted.get(key, "") != row.value and (key in wanted or report.asks_for(key[1]))
    }
    Fact.objects.filter(pk__in=same).update(last_seen=at)
    Fact.objects.filter(pk__in=[row.pk for row in ended.values()]).update(until=at)
    fresh = {key: value for key, value in wanted.items() if key not in standing or key in ended}
    Fact.objects.bulk_create(
        (
            Fact(item_id=item, source=source, field=field, value=value, first_seen=at, last_seen=at)
            for (item, field), value in fresh.items()
        ),
        batch_size=ROWS,
    )
    known = {item for item, _field in standing} - new
    return [
        Change(
            discovery=discovery,
            item_id=item,
            what=Change.What.CHANGED,
            field=field,
            before=ended[item, field].value if (item, field) in ended else "",
            after=fresh.get((item, field), ""),
        )
        for item, field in sorted({*fresh, *ended})
        if item in known
    ]
