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
from towpath.foundation.access.actor import Actor


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
