"""What hangs on an item, and what it hangs on."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from django.http import Http404

from towpath.estate.carrying import carried_by
from towpath.estate.measures.blast import Blast, blast_of
from towpath.estate.measures.graph import Graph, graph
from towpath.estate.models import Item
from towpath.estate.queries.finding import item_meant
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.rules.ruling import EstateRules
from towpath.estate.rules.wording import kind_in_words
from towpath.estate.schemas.blast import BlastShown, ItemPlace, KindCount, Unavailable, Weakened
from towpath.foundation.access.actor import Actor

MOST = 200
"""Items that are listed; the rest is counted."""
MOST_NAMES = 5_000


def blast(actor: Actor, named: str) -> BlastShown:
    """Of the item that `named` means (`item_meant`). Raises Http404, ValidationError, PermissionDenied."""
    row, rules = item_meant(actor, named), rules_in_force()
    whole = graph(rules)
    place = whole.place_of(row.pk)
    if place is None:
        raise Http404(f"The item #{row.pk} has just come in: ask again.")
    found = blast_of(whole, place)
    told = Telling(whole, rules, [place, *found.fallen[:MOST], *(each[0] for each in found.weak[:MOST]),
                                   *found.beneath[:MOST], *found.single[:MOST]])  # fmt: skip
    counts = whole.count_kinds(found.fallen)
    return BlastShown(
        item=told.place(place, 0),
        falls=int(found.fallen.size),
        falls_by_kind=tuple(
            KindCount(kind, kind_in_words(kind, rules), n) for kind, n in counts.most_common()
        ),
        fallen=tuple(told.place(at, found.fallen_distance[at]) for at in found.fallen[:MOST].tolist()),
        weakens=len(found.weak),
        weakened=tuple(told.weakened(*each) for each in found.weak[:MOST]),
        needs=int(found.beneath.size),
        beneath=tuple(told.place(at, found.beneath_distance[at]) for at in found.beneath[:MOST].tolist()),
        single_points=tuple(
            told.place(at, found.beneath_distance[at]) for at in found.single[:MOST].tolist()
        ),
        all_tried=found.all_tried,
        unavailable=_unavailable(whole, place, found),
        carried=carried_by(actor, names_of(whole, rules, [place, *found.fallen.tolist()])),
    )


def names_of(whole: Graph, rules: EstateRules, places: Iterable[int]) -> list[str]:
    """Names of those that events may name: services and components."""
    wanted = [at for at, kind in enumerate(whole.kind_names) if kind in rules.named_by_events]
    given = np.asarray(list(places), np.int64)
    chosen = given[np.isin(whole.kinds[given], wanted)][:MOST_NAMES]
    rows = Item.objects.filter(pk__in=whole.ids[chosen].tolist())
    return sorted(set(rows.values_list("name", flat=True)))


def _unavailable(whole: Graph, place: int, found: Blast) -> Unavailable:
    parts = np.append(found.beneath, place)
    return Unavailable(
        estimate=found.share.estimate,
        low=found.share.low,
        high=found.share.high,
        exact=found.share.exact,
        parts=int(parts.size),
        assumed=int(whole.assumed[parts].sum()),
    )


class Telling:
    """The items at some places of the graph, as they are shown."""

    def __init__(self, whole: Graph, rules: EstateRules, places: Iterable[int]) -> None:
        self.whole, self.rules = whole, rules
        ids = {int(whole.ids[at]) for at in places}
        self.rows = {row.pk: row for row in Item.objects.filter(pk__in=ids)}

    def _row(self, at: int) -> Item:
        pk = int(self.whole.ids[at])
        return self.rows.get(pk) or Item(pk=pk, name=f"#{pk}", kind="")

    def place(self, at: int, distance: int) -> ItemPlace:
        row = self._row(at)
        return ItemPlace(
            id=row.pk,
            kind=row.kind,
            kind_in_words=kind_in_words(row.kind, self.rules),
            name=row.name,
            owner=row.owner,
            distance=int(distance),
            by_itself=float(self.whole.own[at]),
            assumed=bool(self.whole.assumed[at]),
        )

    def weakened(self, at: int, members: int, left: int, needed: int) -> Weakened:
        row = self._row(at)
        words = kind_in_words(row.kind, self.rules)
        return Weakened(row.pk, row.kind, words, row.name, members=members, left=left, needed=needed)
