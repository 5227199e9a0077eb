"""The graph around an item: opened outward, by layers, with a table of the same."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from towpath.estate.pages.drawing import draw_around
from towpath.estate.queries.around import MOST_DEPTH, around
from towpath.estate.queries.finding import item_meant
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.rules.wording import kind_in_words
from towpath.foundation.access.routes import ActorRequest


@require_GET
def show(request: ActorRequest, number: int) -> HttpResponseBase:
    row = item_meant(request.actor, str(number))
    if row.pk != number:
        return redirect("estate:graph", number=row.pk)
    rules = rules_in_force()
    asked = request.GET.get("depth", "1")
    depth = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else 1
    kinds = [kind for kind in request.GET.getlist("kind") if kind in rules.kinds]
    found = around(request.actor, str(number), depth, kinds)
    names = {each.id: each.name for each in found.items}
    context = {
        "item": row,
        "kind": kind_in_words(row.kind, rules),
        "found": found,
        # Each text is escaped where it is put in.
        "picture": mark_safe(draw_around(found, found.depth)),  # noqa: S308
        "rows": [(names[link.upper], link, names[link.lower]) for link in found.links],
        "depths": range(1, MOST_DEPTH + 1),
        "kinds": [(kind, kind_in_words(kind, rules), kind in kinds) for kind in rules.kinds],
    }
    return render(request, "estate/graph.html", context)
