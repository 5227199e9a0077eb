"""What several items hang on together, as a step of a journey does."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from towpath.estate.measures.blast import Together, together
from towpath.estate.measures.graph import Graph, graph
from towpath.estate.models import Item
from towpath.estate.queries.blast import MOST, Telling
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.schemas.beneath import Beneath
from towpath.estate.schemas.blast import Unavailable
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible


def items_named(actor: Actor, names: Collection[str]) -> dict[str, int]:
    """The item that events mean by each of these names; where a service and a component share one, the first
    of the kinds that the rules name. Raises PermissionDenied."""
    order = rules_in_force().named_by_events
    rows = visible(Item, actor).filter(name__in=list(names), kind__in=order, merged_into=None)
    found = sorted(rows.values_list("name", "kind", "pk"), key=lambda row: (-order.index(row[1]), -row[2]))
    return {name: pk for name, _kind, pk in found}


def beneath_all(actor: Actor, needed: Sequence[int], others: Sequence[int] = ()) -> Beneath:
    """What items hang on of which every one is `needed`, and `others` that only some customers meet. Raises
    PermissionDenied."""
    visible(Item, actor)
    rules = rules_in_force()
    whole = graph(rules)
    tops = [place for each in needed if (place := whole.place_of(each)) is not None]
    more = [place for each in others if (place := whole.place_of(each)) is not None]
    found = together(whole, tops, more)
    under, single, down = found.under, found.single[:MOST].tolist(), found.distance
    told = Telling(whole, rules, [*tops, *more, *under[:MOST].tolist(), *single])
    return Beneath(
        named=tuple(told.place(at, 1) for at in [*tops, *more]),
        needs=int(under.size),
        beneath=tuple(told.place(at, down[at]) for at in under[:MOST].tolist()),
        single_points=tuple(told.place(at, down[at]) for at in single),
        all_tried=found.all_tried,
        unavailable=_unavailable(whole, found),
    )


def _unavailable(whole: Graph, found: Together) -> Unavailable | None:
    """None where no item is needed for certain."""
    if found.share is None:
        return None
    return Unavailable(
        estimate=found.share.estimate,
        low=found.share.low,
        high=found.share.high,
        exact=found.share.exact,
        parts=int(found.parts.size),
        assumed=int(whole.assumed[found.parts].sum()),
    )
