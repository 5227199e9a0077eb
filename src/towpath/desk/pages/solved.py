"""What is solved at once, by a choice of things, and the tickets behind each figure."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath.desk.queries import solved as queries
from towpath.desk.queries.behind import PAGE
from towpath.desk.rules.team_wording import BY, solved_heading
from towpath.foundation.access.routes import ActorRequest


@require_GET
def show(request: ActorRequest, name: str) -> HttpResponse:
    try:
        found = queries.solved(request.actor, name, request.GET.get("by", ""))
    except ValidationError as error:
        raise Http404(" ".join(error.messages)) from error
    choices = [(each, str(BY[each]), each == found.by) for each in found.choices]
    context = {"found": found, "choices": choices, "named": str(BY[found.by])}
    return render(request, "desk/solved.html", context)


@require_GET
def behind(request: ActorRequest, name: str) -> HttpResponse:
    """The tickets behind one figure: ?by=..&value=..&what=.."""
    by, value, what = (request.GET.get(key, "") for key in ("by", "value", "what"))
    wanted = request.GET.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 1
    what = what or "all"
    rows, total = queries.behind_solved(request.actor, name, by or "month", value, what=what, page=number)
    context = {
        "rows": rows,
        "page": Paginator(range(total), PAGE).get_page(number),
        "total": total,
        "name": name,
        "by": by,
        "heading": solved_heading(what, value or _("not said")),
    }
    return render(request, "desk/behind_solved.html", context)
