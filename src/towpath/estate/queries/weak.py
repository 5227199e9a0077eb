"""Weak spots of the estate, for those who know what customers meet."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from django.db.models import Max

from towpath.analytics.structure import FALLEN, fall
from towpath.estate.measures.graph import graph, revision
from towpath.estate.measures.weak import standing_alone
from towpath.estate.models import Assessment, Exposure, Item
from towpath.estate.queries.beneath import items_named
from towpath.estate.queries.blast import Telling, names_of
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.schemas.weak import StandingAlone, StandsAlone, Unmanaged
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible

SHOWN = 50


def state_of_estate(actor: Actor) -> str:
    """Another text where weak spots may be others. Raises PermissionDenied."""
    exposed = visible(Exposure, actor).aggregate(Max("pk"), Max("gone_since")).values()
    said = visible(Assessment, actor).aggregate(Max("pk")).values()
    return " ".join(str(part) for part in (*revision(), *exposed, *said))


def holds_anything(actor: Actor) -> bool:
    """Whether the estate knows of anything. Raises PermissionDenied."""
    return visible(Item, actor).exists()


def stand_alone(actor: Actor, names: Collection[str]) -> StandingAlone:
    """What takes down a service or component of these names by failing alone, of the kinds that ought to have
    a stand-in (`stand_alone` of the rules). Raises PermissionDenied."""
    named = items_named(actor, names)
    rules = rules_in_force()
    whole = graph(rules)
    by_place = {place: name for name, pk in named.items() if (place := whole.place_of(pk)) is not None}
    found, tried = standing_alone(whole, sorted(by_place), rules.stand_alone)
    told = Telling(whole, rules, {at for each in found for at in (each.place, *each.between)})
    here = {row.pk for row in told.rows.values() if row.gone_since is None}
    return StandingAlone(
        items=tuple(
            StandsAlone(
                told.place(each.place, 0),
                tuple(sorted(by_place[top] for top in each.tops)),
                tuple(told.place(at, 0).name for at in each.between),
            )
            for each in found
            if int(whole.ids[each.place]) in here
        ),
        all_tried=tried,
    )


def falling_with(actor: Actor, items: Iterable[int]) -> list[str]:
    """Names of the services and components that fall if these items do, themselves among them. Raises
    PermissionDenied."""
    visible(Item, actor)
    rules = rules_in_force()
    whole = graph(rules)
    places = [place for each in items if (place := whole.place_of(each)) is not None]
    if not places:
        return []
    return names_of(whole, rules, np.flatnonzero(fall(whole.structure, places).state == FALLEN).tolist())


def unmanaged(actor: Actor) -> Unmanaged:
    """What is seen and managed by nobody. Raises PermissionDenied."""
    rows = visible(Item, actor).filter(managed=False, gone_since=None, merged_into=None)
    ids = list(rows.order_by("-first_seen", "name", "pk").values_list("pk", flat=True))
    rules = rules_in_force()
    whole = graph(rules)
    places = [place for each in ids if (place := whole.place_of(each)) is not None]
    told = Telling(whole, rules, places[:SHOWN])
    return Unmanaged(
        count=len(ids),
        items=tuple(told.place(at, 0) for at in places[:SHOWN]),
        falls=tuple(falling_with(actor, ids)),
    )
