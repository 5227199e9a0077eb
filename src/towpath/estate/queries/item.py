"""One item: what each source says of it, what hangs on it, and what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet

from towpath.estate.models import Change, Clash, Decision, Fact, Item, Link, Sighting
from towpath.estate.queries.finding import item_meant
from towpath.estate.queries.items import rows_of
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.rules.holding import Said, disagree, holding
from towpath.estate.rules.ruling import EstateRules
from towpath.estate.rules.wording import link_in_words
from towpath.estate.schemas.item import (
    ChangeShown,
    ClashShown,
    DecisionShown,
    FieldShown,
    ItemShown,
    KeyShown,
    LinkShown,
    SaidShown,
    SightingShown,
)
from towpath.foundation.access.actor import Actor

MOST_LINKS, MOST_CHANGES = 200, 100


def item(actor: Actor, named: str, on: datetime | None = None) -> ItemShown:
    """The item that `named` means (`item_meant`), now or as it was `on` a moment. Raises Http404,
    ValidationError, PermissionDenied."""
    row, rules = item_meant(actor, named), rules_in_force()
    links, count = _links(row, rules, on)
    changes = Change.objects.filter(item=row).select_related("discovery", "item").order_by("-pk")
    return ItemShown(
        item=rows_of([row])[0],
        on=on,
        keys=tuple(KeyShown(k.scheme, k.value, k.source, k.last_seen) for k in row.keys.order_by("pk")),
        fields=tuple(_fields(row, rules, on)),
        links=tuple(links),
        links_in_all=count,
        sightings=tuple(
            SightingShown(each.source, each.form, each.first_seen, each.last_seen, each.missing_since)
            for each in row.sightings.all()
        ),
        changes=tuple(shown_change(each) for each in changes[:MOST_CHANGES]),
        clashes=tuple(_clashes(row)),
        decisions=tuple(_decision(each) for each in row.decisions.all()),
    )


def shown_change(row: Change) -> ChangeShown:
    """With its discovery and item loaded."""
    return ChangeShown(
        discovery=row.discovery_id,
        at=row.discovery.at,
        source=row.discovery.source,
        item=row.item_id,
        name=row.item.name,
        what=row.what,
        what_in_words=str(Change.What(row.what).label),
        field=row.field,
        before=row.before,
        after=row.after,
    )


def _at(on: datetime | None) -> Q:
    return Q(until=None) if on is None else Q(first_seen__lte=on) & (Q(until=None) | Q(until__gt=on))


def _fields(row: Item, rules: EstateRules, on: datetime | None) -> Iterable[FieldShown]:
    """What stands first, then what was said before."""
    forms = {each.source: each for each in row.sightings.all()}
    said: dict[str, list[Fact]] = defaultdict(list)
    for fact in row.facts.filter(_at(on) if on else Q()).order_by("field", "source", "-first_seen"):
        said[fact.field].append(fact)
    decided = _decided(row, on)
    for field, facts in said.items():
        standing = [
            Said(each.source, each.value, _weight(each.source, forms, rules), each.last_seen)
            for each in facts
            if on is not None or each.until is None
        ]
        yield FieldShown(
            field=field,
            value=holding(standing, decided.get(field)),
            conflict=disagree(field, standing, decided.get(field)),
            decided=field in decided,
            said=tuple(
                SaidShown(each.source, each.value, each.first_seen, each.last_seen, each.until)
                for each in facts
            ),
        )


def _weight(source: str, forms: Mapping[str, Sighting], rules: EstateRules) -> int:
    return rules.weight_of(forms[source].form if source in forms else "")


def _decided(row: Item, on: datetime | None) -> dict[str, str]:
    """What a person's word held then."""
    rows = row.decisions.filter(other=None).order_by("pk")
    if on is None:
        rows = rows.filter(undone_at=None)
    else:
        rows = rows.filter(Q(decided_at__lte=on) & (Q(undone_at=None) | Q(undone_at__gt=on)))
    return dict(rows.values_list("field", "value"))


def _links(row: Item, rules: EstateRules, on: datetime | None) -> tuple[list[LinkShown], int]:
    """Those that several sources tell are one."""
    rows: QuerySet[Link] = Link.objects.filter(_at(on)).filter(Q(start=row) | Q(end=row))
    found: dict[tuple[str, bool, int], list[Link]] = defaultdict(list)
    for link in rows.select_related("start", "end").order_by("kind", "pk"):
        outward = link.start_id == row.pk
        found[link.kind, outward, link.end_id if outward else link.start_id].append(link)
    shown = [_link(key, links, rules) for key, links in list(found.items())[:MOST_LINKS]]
    return shown, len(found)


def _link(key: tuple[str, bool, int], links: list[Link], rules: EstateRules) -> LinkShown:
    kind, outward, _other = key
    told = next((link for link in links if link.group), links[0])
    other = told.end if outward else told.start
    return LinkShown(
        kind=kind,
        kind_in_words=link_in_words(kind, rules),
        outward=outward,
        id=other.pk,
        name=other.name,
        other_kind=other.kind,
        group=told.group,
        needed=told.needed,
        sources=tuple(sorted({link.source for link in links})),
    )


def _clashes(row: Item) -> Iterable[ClashShown]:
    both = Q(item=row) | Q(other=row)
    for clash in Clash.objects.filter(both, settled_at=None).select_related("item", "other"):
        other = clash.other if clash.item_id == row.pk else clash.item
        yield ClashShown(other.pk, other.name, clash.scheme, clash.value, clash.source)


def _decision(row: Decision) -> DecisionShown:
    return DecisionShown(
        id=row.pk,
        field=row.field,
        value=row.value,
        other=row.other_id,
        because=row.because,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        undone_at=row.undone_at,
    )
