"""Libraries by package, their licences, and advisories."""

from __future__ import annotations

from typing import get_args

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from towpath.estate.pages.framing import tabs_for
from towpath.estate.queries import libraries as queries
from towpath.estate.queries.advisories import advisory as advisory_named
from towpath.estate.schemas.libraries import LicenceKind
from towpath.foundation.access.routes import ActorRequest

LONGEST = 1_000
KINDS = {"": _("All"), "spdx": _("SPDX expressions"), "other": _("Other names"), "unknown": _("Unknown")}


@require_GET
def listing(request: ActorRequest) -> HttpResponse:
    q, licence = request.GET.get("q", "")[:300], request.GET.get("licence")
    found = queries.library_list(request.actor, q, licence[:LONGEST] if licence is not None else None)
    context = {"found": found, "q": q, "licence": licence, "tabs": tabs_for(request.actor)}
    return render(request, "estate/libraries.html", context)


@require_GET
def show(request: ActorRequest, purl: str) -> HttpResponse:
    return render(request, "estate/library.html", {"found": queries.library(request.actor, purl)})


@require_GET
def licences(request: ActorRequest) -> HttpResponse:
    q, only = request.GET.get("q", "")[:300], request.GET.get("only", "")
    known: dict[str, LicenceKind] = {each: each for each in get_args(LicenceKind)}
    context = {
        "found": queries.licence_list(request.actor, q, known.get(only, "")),
        "q": q,
        "only": known.get(only, ""),
        "kinds": KINDS.items(),
        "tabs": tabs_for(request.actor),
    }
    return render(request, "estate/licences.html", context)


@require_GET
def advisory(request: ActorRequest, named: str) -> HttpResponse:
    return render(request, "estate/advisory.html", {"found": advisory_named(request.actor, named)})
