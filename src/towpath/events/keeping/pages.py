"""Pages: how Towpath is, how long what is kept, and what could not be put into the lake."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from towpath.events.keeping import aside, queries
from towpath.events.keeping import retention as retiring
from towpath.events.keeping.periods import read_periods
from towpath.events.keeping.telling import LEVELS
from towpath.events.rules import MANAGE_RETENTION, READ_KEEPING, REPAIR
from towpath.foundation.access.gate import require
from towpath.foundation.access.routes import ActorRequest, route
from towpath.foundation.operations.documents import DocumentError


@require_safe
def keeping(request: ActorRequest) -> HttpResponse:
    levels = {
        "good": {"mark": "✓", "word": _("well")},
        "watch": {"mark": "!", "word": _("look at it")},
        "act": {"mark": "✗", "word": _("do something")},
    }
    found = queries.keeping(request.actor)
    # What a person must do stands first: on a phone the rest is below the edge.
    ordered = sorted(found.signs, key=lambda sign: LEVELS.index(sign.level), reverse=True)
    signs = [(sign, levels[sign.level]) for sign in ordered]
    context = {"found": found, "signs": signs, "open": sum(sign.level != "good" for sign in found.signs)}
    return render(request, "events/keeping.html", context)


@require_http_methods(["GET", "POST"])
def retention(request: ActorRequest) -> HttpResponseBase:
    """The periods in force; a change is looked at (what would go) before it can be applied."""
    text = _lines(request.POST.get("text", "")) or retiring.export_periods(request.actor)
    context: dict[str, object] = {
        "text": text,
        "versions": retiring.versions(request.actor),
        "may_manage": request.actor.may(MANAGE_RETENTION),
    }
    if request.method == "POST":
        require(request.actor, MANAGE_RETENTION)
        try:
            if request.POST.get("do") == "apply" and _lines(request.POST.get("looked", "")) == text:
                applied = retiring.apply_periods(request.actor, text, _("the text"))
                told = _("Version %(number)d is in force. A worker carries it out within a day.")
                messages.success(request, told % {"number": applied.version})
                return redirect("events:retention")
            wanted = read_periods(text, _("the text"))
            context["would"] = retiring.would_retire(request.actor, wanted)
        except DocumentError as error:
            return render(request, "events/retention.html", context | {"error": str(error)}, status=422)
    return render(request, "events/retention.html", context)


@require_safe
def set_aside(request: ActorRequest) -> HttpResponse:
    """What was accepted and could not be put into the lake."""
    context = {"batches": aside.set_aside(request.actor), "may_repair": request.actor.may(REPAIR)}
    return render(request, "events/set_aside.html", context)


@require_POST
def bring_back(request: ActorRequest, number: int) -> HttpResponseBase:
    aside.bring_back(request.actor, number)
    told = _("The batch waits for the lake again. If it cannot be taken now either, it comes back here.")
    messages.success(request, told)
    return redirect("events:set-aside")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


urlpatterns = [
    route("administration/keeping/", keeping, name="keeping", access=READ_KEEPING),
    route("administration/retention/", retention, name="retention", access=READ_KEEPING),
    route("administration/set-aside/", set_aside, name="set-aside", access=READ_KEEPING),
    route("administration/set-aside/<int:number>/", bring_back, name="bring-back", access=REPAIR),
]
