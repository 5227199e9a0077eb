"""What is provided, by whom, and how it is."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from towpath.catalogue.queries import services as queries
from towpath.catalogue.rules.permissions import WRITE_CATALOGUE
from towpath.catalogue.rules.wording import AUDIENCES
from towpath.catalogue.schemas.services import WantedAudience, WantedServices
from towpath.foundation.access.routes import ActorRequest

TONES = {"missed": "harm", "worse": "warn", "better": "good", "usual": "canal"}
"""Colours of the words for health. As the week before is not good: it may have been bad for long."""
KNOWN: dict[str, WantedAudience] = {"customers": "customers", "colleagues": "colleagues"}
LONGEST = 300


@require_GET
def listing(request: ActorRequest) -> HttpResponse:
    given = {name: request.GET.get(name, "")[:LONGEST] for name in ("q", "owner", "audience")}
    wanted = WantedServices(given["q"], KNOWN.get(given["audience"], ""), given["owner"])
    found = queries.services(request.actor, wanted)
    context = {
        "found": found,
        "groups": [
            (label, [(row, TONES.get(row.health.word, "")) for row in found.services if row.audience == key])
            for key, label in AUDIENCES.items()
        ],
        "wanted": wanted,
        "audiences": AUDIENCES.items(),
        "narrowed": wanted != WantedServices(),
        "as_of": next((row.health.as_of for row in found.services), None),
        "may_import": request.actor.may(WRITE_CATALOGUE),
    }
    return render(request, "catalogue/services.html", context)
