"""API: what exists, one item, what hangs on it, and how far all that can be trusted."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from towpath.estate.actions import deciding
from towpath.estate.queries import items as queries
from towpath.estate.queries.around import DEPTH, MOST_DEPTH
from towpath.estate.queries.around import around as around_it
from towpath.estate.queries.blast import blast as blast_of
from towpath.estate.queries.item import item as one
from towpath.estate.queries.trust import trust as trust_now
from towpath.estate.rules.permissions import READ_ESTATE, WRITE_ESTATE
from towpath.estate.schemas.around import Around
from towpath.estate.schemas.blast import BlastShown
from towpath.estate.schemas.item import ItemShown
from towpath.estate.schemas.items import ItemList, WantedItems, Which
from towpath.estate.schemas.trust import TrustShown
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["estate"])
Number = Annotated[int, Field(ge=1, lt=1 << 63)]


class AskedItems(Schema):
    """Which items; what is left out lets everything through."""

    q: str = ""
    kind: str = ""
    owner: str = ""
    source: str = ""
    which: Which = "here"
    after: str = ""


class ItemDecision(Schema):
    """`holds`: this value of the field, whatever sources say. `same`, `different`: than the item `other`.
    `undo`: the decision `number`."""

    decision: Literal["holds", "same", "different", "undo"]
    field: str = Field("", max_length=200)
    value: str = Field("", max_length=4_000)
    other: Number | None = None
    number: Number | None = None
    because: str = Field("", max_length=500)


@router.get("/estate/items", auth=needs(READ_ESTATE), response=shape_of(ItemList))
def list_items(request: HttpRequest, asked: Query[AskedItems]) -> HttpResponse:
    """A page of items, by name; its `next` is `after` of the following page."""
    wanted = msgspec.convert(asked.model_dump(), WantedItems)
    return answered(queries.items(actor_in(request), wanted))


@router.get("/estate/trust", auth=needs(READ_ESTATE), response=shape_of(TrustShown))
def show_trust(request: HttpRequest) -> HttpResponse:
    """How much of what is known is current, connected, owned and confirmed."""
    return answered(trust_now(actor_in(request)))


@router.get("/estate/items/{named}", auth=needs(READ_ESTATE), response=shape_of(ItemShown))
def show_item(request: HttpRequest, named: str, on: AwareDatetime | None = None) -> HttpResponse:
    """One item by number, name, kind:name or key:value, with all that sources say of it; with `on`, as it was
    then."""
    return answered(one(actor_in(request), named, on))


@router.get("/estate/items/{named}/blast", auth=needs(READ_ESTATE), response=shape_of(BlastShown))
def show_blast(request: HttpRequest, named: str) -> HttpResponse:
    """What falls with the item, whom it serves, what it hangs on, and how often it does not work."""
    return answered(blast_of(actor_in(request), named))


@router.get("/estate/items/{named}/around", auth=needs(READ_ESTATE), response=shape_of(Around))
def show_around(
    request: HttpRequest, named: str, depth: Annotated[int, Query(ge=1, le=MOST_DEPTH)] = DEPTH
) -> HttpResponse:
    """The part of the graph around the item."""
    return answered(around_it(actor_in(request), named, depth))


@router.post("/estate/items/{named}/decisions", auth=needs(WRITE_ESTATE), response={200: shape_of(ItemShown)})
def decide_item(request: HttpRequest, named: str, given: ItemDecision) -> HttpResponse:
    """Say which value holds, or whether two items are one; or undo what was said."""
    actor = actor_in(request)
    item = one(actor, named).item.id
    if given.decision == "holds":
        deciding.hold(actor, item, given.field, given.value, given.because)
    elif given.decision == "undo":
        deciding.undo(actor, given.number or 0)
    elif given.decision == "same":
        deciding.say_same(actor, item, given.other or 0, given.because)
    else:
        deciding.say_different(actor, item, given.other or 0)
    return answered(one(actor, str(item)))
