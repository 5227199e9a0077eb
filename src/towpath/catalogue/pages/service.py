"""One service at a glance."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from towpath.catalogue.pages.services import TONES
from towpath.catalogue.queries.service import service
from towpath.foundation.access.routes import ActorRequest

VERDICT_TONES = {"kept": "good", "missed": "harm"}


@require_GET
def show(request: ActorRequest, name: str) -> HttpResponse:
    found = service(request.actor, name)
    context = {
        "found": found,
        "row": found.service,
        "health": found.service.health,
        "tone": TONES.get(found.service.health.word, ""),
        "promises": [(each, VERDICT_TONES.get(each.verdict, "")) for each in found.promises],
    }
    return render(request, "catalogue/service.html", context)
