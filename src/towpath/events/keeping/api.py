"""API: how Towpath is, and what could not be put into the lake."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Status

from towpath.events.keeping import aside, queries
from towpath.events.keeping.state import Keeping
from towpath.events.rules import READ_KEEPING, REPAIR
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import shape_of, shapes_of

router = Router(tags=["keeping"])


@router.get("/keeping", auth=needs(READ_KEEPING), response=shape_of(Keeping))
def how_it_is(request: HttpRequest) -> Keeping:
    """How Towpath is, in words and figures: what waits, how fast events come in, lake, jobs, room, backup."""
    return queries.keeping(actor_in(request))


@router.get("/keeping/set-aside", auth=needs(READ_KEEPING), response=shapes_of(aside.BatchAside))
def list_set_aside(request: HttpRequest) -> list[aside.BatchAside]:
    """Batches that this node accepted and could not put into the lake, and why."""
    return list(aside.set_aside(actor_in(request)))


@router.post("/keeping/set-aside/{batch_number}/bring-back", auth=needs(REPAIR), response={204: None})
def bring_back(request: HttpRequest, batch_number: int) -> Status[None]:
    """Let the next flush try a batch again. 404 where none of that number is set aside on this node."""
    aside.bring_back(actor_in(request), batch_number)
    return Status(204, None)
