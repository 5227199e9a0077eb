"""Pages: announcements that their listeners could not handle."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from towpath.foundation.access.routes import ActorRequest, route
from towpath.foundation.outbox import actions, queries
from towpath.foundation.outbox.rules import MANAGE_OUTBOX, READ_OUTBOX


@require_safe
def announcements(request: ActorRequest) -> HttpResponse:
    context = {"stuck": queries.stuck(request.actor), "announcements": queries.announcements()}
    return render(request, "outbox/announcements.html", context)


@require_POST
def decide(request: ActorRequest, message_id: int) -> HttpResponseBase:
    if request.POST.get("decision") == "give-up":
        actions.give_up(request.actor, message_id)
        messages.success(request, _("The announcement is given up; the audit log keeps what it said."))
    else:
        actions.try_again(request.actor, message_id)
        messages.success(request, _("The announcement is delivered again in a moment."))
    return redirect("announcements")


urlpatterns = [
    route("administration/announcements/", announcements, name="announcements", access=READ_OUTBOX),
    route(
        "administration/announcements/<int:message_id>/",
        decide,
        name="announcement-decision",
        access=MANAGE_OUTBOX,
    ),
]
