"""The address that people type first."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from towpath.events import queries
from towpath.events.rules import READ_EVENTS, WRITE_EVENTS
from towpath.foundation.access.routes import ActorRequest
from towpath.journeys.queries.journeys import journeys
from towpath.journeys.rules.permissions import READ_JOURNEYS


@require_GET
def start(request: ActorRequest) -> HttpResponseBase:
    """Where the person goes on: the journeys, the events that have none yet, or the first file."""
    if not request.actor.may(READ_EVENTS):
        return render(request, "site/no_role.html")
    if request.actor.may(READ_JOURNEYS) and journeys(request.actor):
        return redirect("journeys:list")
    if queries.count_events(request.actor).events:
        return redirect("events:sources")
    return render(request, "site/empty.html", {"may_write": request.actor.may(WRITE_EVENTS)})
