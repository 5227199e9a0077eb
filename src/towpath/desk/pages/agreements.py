"""What was agreed with customers: seen, and changed as YAML."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from towpath.desk.actions.agreements import apply_agreements
from towpath.desk.queries.agreements import agreements
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.operations.documents import DocumentError

EXAMPLE = """\
calendars:
  office:
    zone: UTC
    hours: {mon-fri: ["08:00-17:00"]}
agreements:
  - name: Solved in time
    metric: resolution
    calendar: office
    otherwise: 40h
"""


@require_GET
def show(request: ActorRequest) -> HttpResponse:
    may = request.actor.may(MANAGE_DESK)
    return render(request, "desk/agreements.html", {"found": agreements(request.actor), "may_change": may})


@require_http_methods(["GET", "POST"])
def edit(request: ActorRequest) -> HttpResponseBase:
    """What is not right is told with line and column, and nothing that was typed is lost."""
    if request.method == "GET":
        text = agreements(request.actor).text or EXAMPLE
        return render(request, "desk/edit_agreements.html", {"text": text})
    text = request.POST.get("text", "").replace("\r\n", "\n")
    try:
        row = apply_agreements(request.actor, text, _("the agreements"))
    except DocumentError as error:
        context = {"text": text, "error": str(error)}
        return render(request, "desk/edit_agreements.html", context, status=422)
    messages.success(request, _("Version %(number)s is in force.") % {"number": row.number})
    return redirect("desk:agreements")
