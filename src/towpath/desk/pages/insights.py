"""What stands out at a desk: the first thing that a newcomer reads, and the tickets behind each sentence."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath.desk.queries import insights as queries
from towpath.desk.rules.insight_wording import SENTENCES
from towpath.foundation.access.routes import ActorRequest


@require_GET
def show(request: ActorRequest, name: str) -> HttpResponse:
    found = queries.insights(request.actor, name)
    context = {"found": found}
    partial = getattr(request, "htmx", False)
    return render(request, "desk/insights_now.html" if partial else "desk/insights.html", context)


@require_GET
def behind(request: ActorRequest, name: str, kind: str) -> HttpResponse:
    """The tickets behind one insight, those that stood open longest first."""
    if kind not in SENTENCES:
        raise Http404(_("There is no insight of this kind."))
    wanted = request.GET.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 1
    rows, total = queries.behind(request.actor, name, kind, number)
    seen = queries.insights(request.actor, name).insights
    insight = next((each for each in seen if each.kind == kind), None)
    page = Paginator(range(total), queries.PAGE).get_page(number)
    context = {"rows": rows, "page": page, "insight": insight, "name": name, "kind": kind}
    return render(request, "desk/behind.html", context)
