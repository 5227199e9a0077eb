"""What tickets are about: coverage, what is proposed, and one click to confirm it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from towpath.desk.actions import linking as actions
from towpath.desk.queries import linking as queries
from towpath.desk.rules.permissions import LINK_TICKETS
from towpath.desk.schemas.linking import LinkGroupKey
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.figures import number as in_figures

ANSWERS = {"yes": True, "no": False}
LONGEST = 500


@require_GET
def show(request: ActorRequest, name: str) -> HttpResponse:
    """A desk's coverage, and what one confirmation would cover, most first."""
    return _shown(request, name)


def _shown(request: ActorRequest, name: str, status: int = 200) -> HttpResponse:
    context = {"found": queries.links(request.actor, name), "may": request.actor.may(LINK_TICKETS)}
    return render(request, "desk/links.html", context, status=status)


@require_GET
def of_ticket(request: ActorRequest, name: str) -> HttpResponse:
    """What one ticket is about; its page asks for it, as proposals are made from all of the desk."""
    return _of_ticket(request, name, request.GET.get("number", ""))


def _of_ticket(
    request: ActorRequest, name: str, number: str, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "found": queries.links_of_ticket(request.actor, name, number[:LONGEST]),
        "may": request.actor.may(LINK_TICKETS),
        "problem": problem,
    }
    return render(request, "desk/links_of_ticket.html", context, status=status)


@require_POST
def say(request: ActorRequest, name: str) -> HttpResponseBase:
    """Confirm or reject for all tickets of a topic and team."""
    sent = {field: request.POST.get(field, "")[:LONGEST] for field in ("about", "value", "topic", "team")}
    try:
        confirmed = _answer(request)
        _batch, count = actions.say_of_group(request.actor, name, LinkGroupKey(**sent), confirmed=confirmed)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _shown(request, name, status=422)
    told = (
        ngettext("Confirmed for %(count)s ticket.", "Confirmed for %(count)s tickets.", count)
        if confirmed
        else ngettext("Rejected for %(count)s ticket.", "Rejected for %(count)s tickets.", count)
    )
    messages.success(request, told % {"count": in_figures(count)})
    return redirect("desk:links", name)


@require_POST
def say_of_ticket(request: ActorRequest, name: str) -> HttpResponseBase:
    """Confirm or reject for one ticket, or take back what was said of it."""
    number, problem = request.POST.get("number", "")[:LONGEST], ""
    try:
        if batch := request.POST.get("batch", ""):
            actions.take_back(request.actor, name, batch)
        else:
            about, value = (request.POST.get(field, "")[:LONGEST] for field in ("about", "value"))
            actions.say_of_ticket(
                request.actor, name, number, about=about, value=value, confirmed=_answer(request)
            )
    except ValidationError as error:
        problem = " ".join(error.messages)
    if request.headers.get("HX-Request"):
        return _of_ticket(request, name, number, problem)
    if problem:
        return _of_ticket(request, name, number, problem, status=422)
    return redirect("desk:ticket", name, number)


@require_POST
def undo(request: ActorRequest, name: str) -> HttpResponseBase:
    """Take back what one click said."""
    count = actions.take_back(request.actor, name, request.POST.get("batch", ""))
    told = ngettext("Taken back for %(count)s ticket.", "Taken back for %(count)s tickets.", count)
    messages.success(request, told % {"count": in_figures(count)})
    return redirect("desk:links", name)


def _answer(request: ActorRequest) -> bool:
    answer = ANSWERS.get(request.POST.get("answer", ""))
    if answer is None:
        raise ValidationError(_("Say yes or no to what is proposed."))
    return answer
