"""Links that tickets lack, confirmed with one click."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from towpath.desk.actions import linking as actions
from towpath.desk.queries.links import missing_links
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.figures import number

ABOUT = ("field", "how", "topic", "team", "value")


@require_GET
def show(request: ActorRequest, name: str) -> HttpResponse:
    """How many tickets name what they are about, what the others may be about, and what was said."""
    found = missing_links(request.actor, name)
    return render(request, "desk/links.html", {"found": found, "may": request.actor.may(MANAGE_DESK)})


@require_POST
def answer(request: ActorRequest, name: str) -> HttpResponseBase:
    """Confirm, refuse or take back: `answer` is one of confirm, refuse, back."""
    about = {field: request.POST.get(field, "") for field in ABOUT}
    wanted = request.POST.get("answer", "")
    try:
        if wanted == "back":
            actions.take_back(request.actor, name, **about)  # type: ignore[arg-type]
            messages.success(request, _("Taken back."))
        elif wanted in ("confirm", "refuse"):
            confirm = wanted == "confirm"
            count = actions.answer_proposal(request.actor, name, **about, confirm=confirm)  # type: ignore[arg-type]
            messages.success(request, _told(confirm, count, about["value"]))
        else:
            messages.error(request, _("Choose to confirm, to refuse or to take back."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("desk:links", name)


@require_POST
def say(request: ActorRequest, name: str) -> HttpResponseBase:
    """Say which service or component one ticket is about."""
    ticket, field = request.POST.get("number", ""), request.POST.get("field", "")
    try:
        actions.say_of_ticket(request.actor, name, ticket, field=field, value=request.POST.get("value", ""))  # type: ignore[arg-type]
        messages.success(request, _("Saved, and remembered when the history is read again."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("desk:links", name)
    return redirect("desk:ticket", name, ticket)


def _told(confirm: bool, count: int, value: str) -> str:
    if not confirm:
        return _("Refused: %(value)s is not proposed for these any more.") % {"value": value}
    return ngettext(
        "Confirmed: %(count)s ticket is about %(value)s.",
        "Confirmed: %(count)s tickets are about %(value)s.",
        count,
    ) % {"count": number(count), "value": value}
