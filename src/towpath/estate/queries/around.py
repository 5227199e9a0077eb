"""What lies around an item: opened outward a step at a time, from the records' indexes alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

import numpy as np
from django.db.models import Q

from towpath.estate.measures.blast import falls_and_points
from towpath.estate.measures.graph import graph
from towpath.estate.models import Item, Link
from towpath.estate.queries.finding import item_meant
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.rules.ruling import EstateRules
from towpath.estate.rules.wording import kind_in_words, link_in_words
from towpath.estate.schemas.around import Around, AroundItem, AroundLink
from towpath.foundation.access.actor import Actor

DEPTH, MOST_DEPTH, MOST, MOST_LINKS = 1, 4, 40, 4_000


def around(
    actor: Actor, named: str, depth: int = DEPTH, kinds: Collection[str] = (), most: int = MOST
) -> Around:
    """Of the item that `named` means, in both directions. Raises Http404, ValidationError,
    PermissionDenied."""
    row, rules = item_meant(actor, named), rules_in_force()
    depth = max(1, min(depth, MOST_DEPTH))
    distance, links, left_out = _walk(row.pk, depth, most, kinds)
    shown = [link for link in links if link.start_id in distance and link.end_id in distance]
    items = _items(row.pk, distance, links, rules)
    return Around(
        item=row.pk,
        depth=depth,
        most=most,
        left_out=left_out,
        kinds=tuple(kinds),
        items=tuple(sorted(items, key=lambda each: (each.layer, each.name, each.id))),
        links=tuple(_links(shown, rules)),
    )


def _walk(
    middle: int, depth: int, most: int, kinds: Collection[str]
) -> tuple[dict[int, int], list[Link], bool]:
    """How far each shown item lies, all links of those that were opened, and whether there is more."""
    distance, edge, left_out = {middle: 0}, [middle], False
    links: dict[int, Link] = {}
    for step in range(1, depth + 1):
        rows = Link.objects.filter(until=None).filter(Q(start__in=edge) | Q(end__in=edge))
        rows = rows.select_related("start", "end").order_by("pk")
        found = list(rows[:MOST_LINKS])
        left_out = left_out or len(found) == MOST_LINKS
        links |= {link.pk: link for link in found}
        edge = []
        for link in found:
            for each in (link.start, link.end):
                if each.pk in distance or (kinds and each.kind not in kinds):
                    continue
                if len(distance) >= most:
                    left_out = True
                    continue
                distance[each.pk] = step
                edge.append(each.pk)
    return distance, list(links.values()), left_out


def _items(
    middle: int, distance: dict[int, int], links: Iterable[Link], rules: EstateRules
) -> list[AroundItem]:
    neighbours: dict[int, set[int]] = defaultdict(set)
    for link in links:
        neighbours[link.start_id].add(link.end_id)
        neighbours[link.end_id].add(link.start_id)
    counted = _neighbours_in_all(distance)
    whole = graph(rules)
    falls, single = falls_and_points(whole, middle, np.asarray(sorted(distance), np.int64))
    return [
        AroundItem(
            id=row.pk,
            kind=row.kind,
            kind_in_words=kind_in_words(row.kind, rules),
            name=row.name,
            layer=rules.kinds[row.kind].layer if row.kind in rules.kinds else 0,
            distance=distance[row.pk],
            more=max(0, counted[row.pk] - len(neighbours[row.pk] & distance.keys())),
            falls=row.pk in falls,
            single=row.pk in single,
        )
        for row in Item.objects.filter(pk__in=distance)
    ]


def _neighbours_in_all(items: Collection[int]) -> dict[int, int]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Link.objects.filter(until=None).filter(Q(start__in=items) | Q(end__in=items))
    for start, end in rows.values_list("start_id", "end_id")[: 5 * MOST_LINKS]:
        found[start].add(end)
        found[end].add(start)
    return defaultdict(int, {item: len(others) for item, others in found.items()})


def _links(links: Iterable[Link], rules: EstateRules) -> Iterable[AroundLink]:
    """Each pair once, those that know of a group first."""
    seen = set()
    for link in sorted(links, key=lambda each: (not each.group, each.pk)):
        turned = link.kind in rules.links and rules.links[link.kind].needs == "end"
        upper, lower = (link.end_id, link.start_id) if turned else (link.start_id, link.end_id)
        if (upper, lower) not in seen:
            seen.add((upper, lower))
            words = link_in_words(link.kind, rules)
            yield AroundLink(upper, lower, link.kind, words, link.group, link.needed)
