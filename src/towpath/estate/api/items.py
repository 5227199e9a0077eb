"""API: what exists."""

from __future__ import annotations

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from towpath.estate.queries import items as queries
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.estate.schemas.items import ItemList, WantedItems, Which
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import answered, shape_of

router = Router(tags=["estate"])


class AskedItems(Schema):
    """Which items; what is left out lets everything through."""

    q: str = ""
    kind: str = ""
    owner: str = ""
    source: str = ""
    which: Which = "here"
    after: str = ""


@router.get("/estate/items", auth=needs(READ_ESTATE), response=shape_of(ItemList))
def list_items(request: HttpRequest, asked: Query[AskedItems]) -> HttpResponse:
    """A page of items, by name; its `next` is `after` of the following page."""
    wanted = msgspec.convert(asked.model_dump(), WantedItems)
    return answered(queries.items(actor_in(request), wanted))
