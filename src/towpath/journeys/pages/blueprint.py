"""The blueprint: one picture of both sides of a journey."""

from __future__ import annotations

from dataclasses import dataclass

import vl_convert
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath.foundation.access.routes import ActorRequest
from towpath.journeys.pages.asking import asked, tabs_of
from towpath.journeys.pages.drawing import Side, draw, sentence
from towpath.journeys.queries.blueprints import blueprint
from towpath.journeys.rules.permissions import WRITE_JOURNEYS
from towpath.journeys.schemas.blueprint import BlueprintStep

SIDES: tuple[Side, ...] = ("both", "customer", "ours")
STATES = ("reached", "lost", "finished_otherwise", "open")
PNG_SCALE = 2
FORMS = ("svg", "png")
MOST_AT_ONCE = 7
"""Steps that a wide page shows whole, a little smaller; of more, some are scrolled to."""


@dataclass(frozen=True)
class Row:
    """A step, and where those are listed whom its numbers count, by state."""

    step: BlueprintStep
    people: dict[str, str]


def _side(request: ActorRequest) -> Side:
    named = request.GET.get("side", "both")
    return named if named in SIDES else "both"


@require_GET
def show(request: ActorRequest, key: str) -> HttpResponse:
    question = asked(request)
    shown = blueprint(request.actor, key, question.selection)

    people = reverse("journeys:entities", args=[key])

    def address(step: str, state: str) -> str:
        return question.to(people, step=step, state=state)

    names = {"both": _("Both sides"), "customer": _("Customer's side"), "ours": _("Our side")}
    side = _side(request)
    context = {
        "shown": shown,
        "rows": [Row(step, {state: address(step.key, state) for state in STATES}) for step in shown.steps],
        "ends": [(outcome, question.to(people, outcome=outcome.key)) for outcome in shown.outcomes],
        "sentence": sentence(shown),
        # Every text in it was escaped as it was drawn.
        "picture": mark_safe(draw(shown, address, side=side)),  # noqa: S308
        "sides": [(value, names[value], value == side) for value in SIDES],
        "fits": len(shown.steps) <= MOST_AT_ONCE,
        "question": question,
        "tabs": tabs_of(key, question),
        "may_write": request.actor.may(WRITE_JOURNEYS),
    }
    return render(request, "journeys/blueprint.html", context)


@require_GET
def export(request: ActorRequest, key: str, form: str) -> HttpResponse:
    """The picture as a file of its own, in light colours: `form` is "svg" or "png"; Http404 for any other."""
    if form not in FORMS:
        raise Http404(_("The blueprint is drawn as %(forms)s.") % {"forms": ", ".join(FORMS)})
    shown = blueprint(request.actor, key, asked(request).selection)
    svg = draw(shown, lambda _step, _state: "", side=_side(request), standalone=True)
    if form == "svg":
        response = HttpResponse(svg, content_type="image/svg+xml")
    else:
        response = HttpResponse(vl_convert.svg_to_png(svg, scale=PNG_SCALE), content_type="image/png")
    response["Content-Disposition"] = f'attachment; filename="{key}-blueprint.{form}"'
    return response
