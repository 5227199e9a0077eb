"""How many customers meet what holds a weak library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import monotonic

import numpy as np

from towpath.analytics.structure import FALLEN, fall
from towpath.estate.carrying import carried_by
from towpath.estate.measures.graph import graph
from towpath.estate.queries.blast import names_of
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.schemas.carrying import Carrying
from towpath.foundation.access.actor import Actor


def carried_through(actor: Actor, items: Iterable[int]) -> Carrying | None:
    """What customers meet through these items and all that falls if they fail at once; None where that is not
    known, or the actor may not see it."""
    rules = rules_in_force()
    whole = graph(rules)
    places = [place for item in items if (place := whole.place_of(item)) is not None]
    if not places:
        return None
    falls = np.flatnonzero(fall(whole.structure, places).state == FALLEN)
    return carried_by(actor, names_of(whole, rules, falls.tolist()))


def customers_of(actor: Actor, items: Iterable[int], within_s: float) -> Iterator[tuple[int, int]]:
    """(item, customers a week who meet it and what falls with it), item by item, until the time is over.
    What nobody can tell is left out."""
    rules, until = rules_in_force(), monotonic() + within_s
    whole = graph(rules)
    for item in items:
        place = whole.place_of(item)
        if place is None:
            continue
        falls = np.flatnonzero(fall(whole.structure, [place]).state == FALLEN)
        names = names_of(whole, rules, falls.tolist())
        carried = carried_by(actor, names)
        if carried is not None:
            yield item, carried.customers_a_week
        elif not names:
            yield item, 0
        if monotonic() > until:
            return
