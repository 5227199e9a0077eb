"""All desks; where there is one, its flow."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from towpath.desk.queries.desks import desks
from towpath.events.rules import WRITE_EVENTS
from towpath.foundation.access.routes import ActorRequest


@require_GET
def listing(request: ActorRequest) -> HttpResponse:
    context = {"desks": desks(request.actor), "may_import": request.actor.may(WRITE_EVENTS)}
    return render(request, "desk/desks.html", context)
