"""Where a desk's work should shift: the topics, one topic with what-if, what people say and decide."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from towpath.desk.actions import shift as actions
from towpath.desk.models import TopicWord
from towpath.desk.queries import shift as queries
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.desk.rules.shift_wording import ANSWERS, NEEDS
from towpath.foundation.access.routes import ActorRequest


@require_GET
def show(request: ActorRequest, name: str) -> HttpResponse:
    """All topics, best first, and what became of decisions."""
    found = queries.candidates(request.actor, name)
    return render(request, "desk/shift.html", {"found": found, "may": request.actor.may(MANAGE_DESK)})


@require_GET
def topic(request: ActorRequest, name: str) -> HttpResponse:
    """One topic: why, what if, the decision, and its tickets."""
    return _topic(request, name, request.GET.get("topic", ""))


def _topic(request: ActorRequest, name: str, wanted: str, status: int = 200) -> HttpResponse:
    found = queries.candidate(request.actor, name, wanted)
    percent = _whole(request.GET.get("share", ""), 50, 100)
    number = _whole(request.GET.get("page", ""), 1, 1_000_000)
    rows, total = queries.tickets_of(request.actor, name, wanted, number)
    context = {
        "name": name,
        "each": found,
        "percent": percent,
        "moved": queries.what_if(request.actor, name, wanted, percent / 100),
        "needs": [(need, NEEDS[need]) for need in found.needs],
        "answers": ANSWERS.items(),
        "demands": TopicWord.Demand.choices,
        "today": timezone.now().date(),
        "may": request.actor.may(MANAGE_DESK),
        "rows": rows,
        "page": Paginator(range(total), queries.PAGE).get_page(number),
    }
    return render(request, "desk/shift_topic.html", context, status=status)


@require_POST
def decide(request: ActorRequest, name: str) -> HttpResponseBase:
    """Record the decision to move a topic's work, with its forecast."""
    wanted = request.POST.get("topic", "")
    try:
        day, cost = _day(request.POST.get("moves_on", "")), _hours(request.POST.get("cost_hours", ""))
        gate = {need: request.POST.get(f"gate-{need}", "") for need in NEEDS}
        actions.decide(request.actor, name, wanted, moves_on=day, gate=gate, cost_hours=cost)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _topic(request, name, wanted, status=422)
    messages.success(request, _("Decided. What it did will stand beside its forecast."))
    return redirect("desk:shift", name)


@require_POST
def say(request: ActorRequest, name: str) -> HttpResponseBase:
    """Name, merge, split or move a topic, or say which demand it is."""
    wanted = request.POST.get("topic", "")
    said = {field: request.POST.get(field, "") for field in ("containing", "called", "demand")}
    try:
        actions.say(request.actor, name, wanted, **said)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _topic(request, name, wanted, status=422)
    messages.success(request, _("Saved, and remembered when the history is read again."))
    if said["called"]:
        return redirect("desk:shift", name)
    return redirect(f"{reverse('desk:shift-topic', args=[name])}?{urlencode({'topic': wanted})}")


def _whole(text: str, otherwise: int, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 8 else otherwise


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValidationError(_("Name the day on which it moves, like 2026-11-23.")) from error


def _hours(text: str) -> float | None:
    try:
        return float(text) if text.strip() else None
    except ValueError as error:
        raise ValidationError(
            _("The cost of the change is a number of hours that is not negative.")
        ) from error
