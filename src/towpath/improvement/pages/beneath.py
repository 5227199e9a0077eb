"""What a step of a journey hangs on."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from towpath.foundation.access.routes import ActorRequest
from towpath.improvement.queries import beneath as queries


@require_safe
def show(request: ActorRequest, journey: str, step: str) -> HttpResponse:
    found = queries.beneath(request.actor, journey, step)
    single = {each.id for each in found.single_points}
    context = {"found": found, "rows": [(each, each.id in single) for each in found.beneath]}
    return render(request, "improvement/beneath.html", context)
