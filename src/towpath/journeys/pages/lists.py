"""All journeys, each with the one sentence that matters."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from towpath.foundation.access.routes import ActorRequest
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries.funnels import funnel
from towpath.journeys.queries.journeys import journeys
from towpath.journeys.rules.permissions import WRITE_JOURNEYS
from towpath.journeys.schemas.definitions import JourneySummary
from towpath.journeys.schemas.figures import Funnel, FunnelStep


@dataclass(frozen=True)
class Row:
    """A journey and its figures; `worst` is the step at which most are lost, None where nobody is."""

    journey: JourneySummary
    funnel: Funnel
    worst: FunnelStep | None


@require_GET
def journey_list(request: ActorRequest) -> HttpResponse:
    rows = [_row(request, found) for found in journeys(request.actor)]
    context = {"rows": rows, "may_write": request.actor.may(WRITE_JOURNEYS)}
    return render(request, "journeys/list.html", context)


def _row(request: ActorRequest, journey: JourneySummary) -> Row:
    found = funnel(request.actor, journey.key, Selection())
    worst = max(found.steps, key=lambda step: step.lost, default=None)
    return Row(journey, found, worst if worst and worst.lost else None)
