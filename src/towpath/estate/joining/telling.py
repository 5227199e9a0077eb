"""What a source says of items: its sightings, and its facts, of which none is ever overwritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from towpath.estate.joining.putting import put
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
    current = [row.pk for item, row in rows.items() if item not in late]
    Sighting.objects.filter(pk__in=current).update(last_seen=at, missing_since=None, form=discovery.form)
    moved = [row for item, row in rows.items() if item not in late and row.scope != told[item].place[:100]]
    for row in moved:
        row.scope = told[row.item_id].place[:100]
    Sighting.objects.bulk_update(moved, ["scope"], batch_size=ROWS)
    put(
        Sighting,
        ("item_id", "source", "form", "scope", "first_seen", "last_seen"),
        (
            (item, source, discovery.form, seen.place[:100], at, at)
            for item, seen in told.items()
            if item not in rows
        ),
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
    put(
        Fact,
        ("item_id", "source", "field", "value", "first_seen", "last_seen"),
        ((item, source, field, value, at, at) for (item, field), value in fresh.items()),
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


def note_changes(changes: Iterable[Change]) -> None:
    """Write them down. Within a transaction."""
    put(
        Change,
        ("discovery_id", "item_id", "what", "field", "before", "after"),
        (
            (each.discovery_id, each.item_id, str(each.what), each.field, each.before, each.after)
            for each in changes
        ),
    )
