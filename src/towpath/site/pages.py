"""The address that people type first."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from towpath.events import queries
from towpath.events.rules import READ_EVENTS, WRITE_EVENTS
from towpath.foundation.access.routes import ActorRequest
from towpath.improvement.rules.permissions import READ_FINDINGS
from towpath.journeys.queries.journeys import journeys
from towpath.journeys.rules.permissions import READ_JOURNEYS, WRITE_JOURNEYS
from towpath.site.demo.showing import is_invented, may_be_shown
from towpath.visibility.pages.home import show
from towpath.visibility.queries.home import home


@require_GET
def start(request: ActorRequest) -> HttpResponseBase:
    """Home, as soon as there is something to look at; before, what to do next."""
    actor = request.actor
    if not all(actor.may(wanted) for wanted in (READ_FINDINGS, READ_EVENTS, READ_JOURNEYS)):
        return render(request, "site/no_role.html")
    shown = home(actor)
    if is_invented() and shown.days is None:
        return render(request, "site/demo_making.html")
    if shown.days is not None or shown.findings or journeys(actor):
        return show(request, shown)
    if events := queries.count_events(actor).events:
        context = {"events": events, "may_draw": actor.may(WRITE_JOURNEYS)}
        return render(request, "visibility/begin.html", context)
    context = {"may_write": actor.may(WRITE_EVENTS), "may_look_at_demo": may_be_shown()}
    return render(request, "site/empty.html", context)
