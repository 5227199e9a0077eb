"""How one desk's tickets flow: the picture, the figures, and the same as a table."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from towpath.desk.pages.flow_drawing import draw
from towpath.desk.queries.flow import flow
from towpath.foundation.access.routes import ActorRequest


@require_GET
def show(request: ActorRequest, name: str) -> HttpResponse:
    found = flow(request.actor, name)
    # Made of numbers and our own translated texts, each escaped where it is put in.
    picture = mark_safe(draw(found)) if found.tiers else ""  # noqa: S308
    return render(request, "desk/flow.html", {"flow": found, "picture": picture})
