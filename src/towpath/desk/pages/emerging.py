"""Emerging topics of a desk, and the tickets behind each."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath.desk.queries import emerging as queries
from towpath.desk.queries.behind import PAGE
from towpath.foundation.access.routes import ActorRequest


@require_GET
def show(request: ActorRequest, name: str) -> HttpResponse:
    return render(request, "desk/emerging.html", {"found": queries.emerging(request.actor, name)})


@require_GET
def behind(request: ActorRequest, name: str) -> HttpResponse:
    """The tickets behind one topic: ?topic=.."""
    topic, wanted = request.GET.get("topic", ""), request.GET.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 1
    rows, total = queries.behind_emerging(request.actor, name, topic, number)
    context = {
        "rows": rows,
        "page": Paginator(range(total), PAGE).get_page(number),
        "total": total,
        "name": name,
        "heading": _("%(topic)s: the last four whole weeks") % {"topic": topic},
    }
    return render(request, "desk/behind_emerging.html", context)
