"""Drawing and changing a journey, in forms or as YAML.

What is not right is told where, and nothing that was typed is lost.
"""

from __future__ import annotations

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from towpath.events import queries as events
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.operations.documents import DocumentError
from towpath.journeys import actions
from towpath.journeys.pages.asking import tabs_of
from towpath.journeys.pages.forms import PARTS, JourneyForms
from towpath.journeys.queries.drafts import draft_from, event_types
from towpath.journeys.queries.fit import check_fit
from towpath.journeys.queries.journeys import definition as definition_of
from towpath.journeys.queries.journeys import export_journey, journeys
from towpath.journeys.queries.versions import versions
from towpath.journeys.rules.definition import Definition
from towpath.journeys.rules.permissions import WRITE_JOURNEYS
from towpath.journeys.rules.reading import problems_of, write_journey

CONFLICT = 409


@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponseBase:
    """A first draft from a source's events, which the person then corrects."""
    source = request.GET.get("source", "")
    known = [found.source for found in events.sources(request.actor) if found.events]
    if not source and len(known) == 1:
        source = known[0]
    if source not in known:
        return render(request, "journeys/choose_source.html", {"sources": known, "asked": source})
    return _form(request, draft_from(request.actor, source), key="")


@require_http_methods(["GET", "POST"])
def edit(request: ActorRequest, key: str) -> HttpResponseBase:
    return _form(request, definition_of(request.actor, key), key=key)


def _form(request: ActorRequest, base: Definition, *, key: str) -> HttpResponseBase:
    if request.method == "GET":
        return _show(request, JourneyForms(base), key)
    wanted = request.POST.get("do", "apply")
    if wanted.removeprefix("add-") in PARTS:
        return _show(request, JourneyForms(base, request.POST, more=wanted.removeprefix("add-")), key)
    filled = JourneyForms(base, request.POST)
    problems = [_("Nothing is applied yet: something below is missing or not right, and says so.")]
    if filled.is_valid():
        try:
            changed = filled.definition()
            problems = problems_of(changed) + _taken(request, changed, key)
            if not problems:
                return _applied(request, write_journey(changed), key)
        except msgspec.ValidationError as error:
            problems = [str(error)]
        except DocumentError as error:
            problems = [error.told]
        except actions.Superseded as error:
            return _show(request, filled, key, problems=[str(error)], status=CONFLICT)
    return _show(request, filled, key, problems=problems, status=422)


def _taken(request: ActorRequest, changed: Definition, key: str) -> list[str]:
    """A journey that is drawn anew must not change another unseen."""
    if key or changed.key not in {known.key for known in journeys(request.actor)}:
        return []
    told = _("There is a journey with the key %(key)s already: change that one, or choose another key.")
    return [told % {"key": changed.key}]


def _show(
    request: ActorRequest,
    forms: JourneyForms,
    key: str,
    *,
    problems: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "forms": forms,
        "key": key,
        "seen": _newest(request, key) if request.method == "GET" or status == CONFLICT else _seen(request),
        "problems": problems or [],
        "types": event_types(request.actor, forms.base.sources),
    }
    return render(request, "journeys/edit.html", context, status=status)


def _applied(request: ActorRequest, text: str, key: str) -> HttpResponseBase:
    """Make it the newest version. Raises DocumentError."""
    applied = actions.apply_journey(request.actor, text, _("the map"), key=key, seen=_seen(request))
    if applied.new:
        messages.success(request, _("Version %(number)d is in force.") % {"number": applied.version})
    else:
        messages.info(
            request, _("Nothing was changed: version %(number)d says the same.") % {"number": applied.version}
        )
    return redirect("journeys:blueprint", key=applied.journey)


@require_http_methods(["GET", "POST"])
def edit_yaml(request: ActorRequest, key: str) -> HttpResponseBase:
    """The same as YAML, as it lives in git."""
    kept = export_journey(request.actor, key)
    text = request.POST.get("text", kept)
    context = {"key": key, "text": text, "error": "", "seen": _seen(request) or _newest(request, key)}
    status = 200
    if request.method == "POST":
        try:
            return _applied(request, text, key)
        except DocumentError as error:
            context["error"], status = str(error), 422
        except actions.Superseded as error:
            context |= {"error": str(error), "seen": error.number}
            status = CONFLICT
    return render(request, "journeys/edit_yaml.html", context, status=status)


def _seen(request: ActorRequest) -> int | None:
    """The version that the person began to change, as the form says."""
    said = request.POST.get("seen", "")
    return int(said) if said.isdecimal() and len(said) < 10 else None


def _newest(request: ActorRequest, key: str) -> int | None:
    return max((version.number for version in versions(request.actor, key)), default=None) if key else None


@require_GET
def definition(request: ActorRequest, key: str) -> HttpResponse:
    """What the map says, all its versions, and whether it still fits its events."""
    context = {
        "key": key,
        "name": definition_of(request.actor, key).name,
        "text": export_journey(request.actor, key),
        "fit": check_fit(request.actor, key),
        "versions": versions(request.actor, key),
        "tabs": tabs_of(key),
        "may_write": request.actor.may(WRITE_JOURNEYS),
    }
    return render(request, "journeys/definition.html", context)


@require_GET
def download(request: ActorRequest, key: str) -> HttpResponse:
    """The YAML, to keep in git and apply elsewhere."""
    number = request.GET.get("version", "")
    text = export_journey(request.actor, key, int(number) if number.isdecimal() else None)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{key}.yaml"'
    return response
