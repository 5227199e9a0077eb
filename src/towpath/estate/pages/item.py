"""One item: what falls with it, whom it serves, what it hangs on, and what is known of it."""

from __future__ import annotations

from datetime import datetime, time
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.safestring import mark_safe
from django.utils.timezone import get_current_timezone, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from towpath.estate.actions import deciding
from towpath.estate.pages.drawing import draw_around
from towpath.estate.pages.framing import tabs_for
from towpath.estate.queries import item as queries
from towpath.estate.queries.around import around
from towpath.estate.queries.blast import blast
from towpath.estate.queries.exposures import exposures_of
from towpath.estate.queries.libraries import library_of
from towpath.estate.rules.permissions import WRITE_ESTATE
from towpath.foundation.access.routes import ActorRequest


@require_GET
def show(request: ActorRequest, number: int) -> HttpResponseBase:
    on = _day(request.GET.get("on", ""))
    found = queries.item(request.actor, str(number), on)
    if found.item.id != number:
        return redirect("estate:item", number=found.item.id)
    picture = around(request.actor, str(number))
    context = {
        "found": found,
        "item": found.item,
        "blast": blast(request.actor, str(number)),
        "weak": exposures_of(request.actor, found.item.id),
        "library": library_of(found),
        "on": request.GET.get("on", "") if on else "",
        "around": picture,
        # Each text is escaped where it is put in.
        "picture": mark_safe(draw_around(picture)) if picture.links else "",  # noqa: S308
        "conflicts": [each for each in found.fields if each.conflict],
        "may_decide": request.actor.may(WRITE_ESTATE),
        "tabs": tabs_for(request.actor),
    }
    return render(request, "estate/item.html", context)


@require_POST
def decide(request: ActorRequest, number: int) -> HttpResponseBase:
    """Which value holds, whether two items are one, or that a decision holds no longer."""
    given = {name: request.POST.get(name, "") for name in ("decision", "field", "value", "other", "number")}
    try:
        if given["decision"] == "holds":
            deciding.hold(request.actor, number, given["field"], given["value"])
        elif given["decision"] in {"same", "different"}:
            say = deciding.say_same if given["decision"] == "same" else deciding.say_different
            say(request.actor, number, _whole(given["other"]))
        elif given["decision"] == "undo":
            deciding.undo(request.actor, _whole(given["number"]))
        else:
            raise Http404(_("There is no such decision about an item."))
        messages.success(request, _("Saved."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("estate:item", number=number)


@require_GET
def find(request: ActorRequest) -> HttpResponseBase:
    """The item that events or journeys call by that name; where several are, the list."""
    name = request.GET.get("name", "")[:300]
    try:
        return redirect("estate:item", number=queries.item(request.actor, name).item.id)
    except (ValidationError, Http404):
        return redirect(f"{reverse('estate:list')}?{urlencode({'q': name})}")


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404(_("There is no such item or decision."))
    return int(text)


def _day(text: str) -> datetime | None:
    """The end of that day; None where it is none."""
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return make_aware(datetime.combine(day, time.max), get_current_timezone()) if day else None
