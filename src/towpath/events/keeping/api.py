"""API: how Towpath is."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from towpath.events.keeping import queries
from towpath.events.keeping.state import Keeping
from towpath.events.rules import READ_KEEPING
from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.shapes import shape_of

router = Router(tags=["keeping"])


@router.get("/keeping", auth=needs(READ_KEEPING), response=shape_of(Keeping))
def how_it_is(request: HttpRequest) -> Keeping:
    """How Towpath is, in words and figures: what waits, how fast events come in, lake, jobs, room, backup."""
    return queries.keeping(actor_in(request))
