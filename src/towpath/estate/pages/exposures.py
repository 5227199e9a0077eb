"""Weak libraries: which, where, by when to mend them, and what people say of each."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from towpath.estate.actions import exposures as actions
from towpath.estate.models import Assessment
from towpath.estate.pages.framing import tabs_for
from towpath.estate.queries import exposures as queries
from towpath.estate.queries.blast import blast
from towpath.estate.rules.permissions import WRITE_ESTATE
from towpath.foundation.access.routes import ActorRequest


@require_GET
def listing(request: ActorRequest) -> HttpResponse:
    found = queries.exposures(request.actor)
    context = {
        "found": found,
        "tabs": tabs_for(request.actor),
        "may_assess": request.actor.may(WRITE_ESTATE),
    }
    return render(request, "estate/software.html", context)


@require_GET
def show(request: ActorRequest, number: int) -> HttpResponse:
    return _page(request, number)


def _page(request: ActorRequest, number: int, status: int = 200) -> HttpResponse:
    found = queries.exposure(request.actor, number)
    context = {
        "each": found,
        "blast": blast(request.actor, f"#{found.carrier or found.item}"),
        "statuses": Assessment.Status.choices,
        "may_assess": request.actor.may(WRITE_ESTATE),
        "given": request.POST,
    }
    return render(request, "estate/exposure.html", context, status=status)


@require_POST
def assess(request: ActorRequest, number: int) -> HttpResponseBase:
    """Say what it is."""
    given = {name: request.POST.get(name, "") for name in ("status", "because", "until")}
    try:
        try:
            until = parse_date(given["until"])
        except ValueError as error:
            raise ValidationError(_("Name the day like 2027-01-31.")) from error
        actions.assess(request.actor, number, given["status"], given["because"], until)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _page(request, number, status=422)
    messages.success(request, _("Saved."))
    return redirect("estate:exposure", number=number)
