"""The findings' list, and one finding: what it is, what shows it, and what is done about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from towpath.customers.rules import READ_CUSTOMERS
from towpath.desk.queries.behind import PAGE as OF_TICKETS
from towpath.desk.rules.permissions import READ_DESK
from towpath.desk.rules.shift_wording import LEVELS
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.charts import chart_tag
from towpath.improvement.actions import findings as actions
from towpath.improvement.models import Finding
from towpath.improvement.pages.charting import weeks_chart, weeks_in_words
from towpath.improvement.pages.forms import AcceptForm, DeclineForm
from towpath.improvement.queries import findings as queries
from towpath.improvement.queries.desks import tickets_behind
from towpath.improvement.rules import wording
from towpath.improvement.rules.causes import OF_ESTATE
from towpath.improvement.rules.permissions import WRITE_FINDINGS
from towpath.improvement.schemas.findings import Signal
from towpath.improvement.schemas.records import FindingShown
from towpath.journeys.rules.permissions import READ_JOURNEYS

PAGE = 50
TIME_TO_MEND = timedelta(days=14)
NEXT_NAME = re.compile(r" (?=[a-z]+=)")
TIME_TO_REVIEW = timedelta(days=90)


@require_safe
def listing(request: ActorRequest) -> HttpResponse:
    """All findings, also those that are gone or declined; `?state=` chooses, without it those to mend."""
    wanted = request.GET.get("state", "")
    if wanted in Finding.State.values:
        found = queries.in_states(request.actor, [wanted])
    else:
        found = queries.in_states(request.actor, ()) if wanted == "all" else queries.standing(request.actor)
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "choices": [("", _("To mend")), *Finding.State.choices, ("all", _("All"))],
        "wanted": wanted if wanted in {*Finding.State.values, "all"} else "",
    }
    return render(request, "improvement/findings.html", context)


@require_safe
def show(request: ActorRequest, digest: str) -> HttpResponse:
    return _page(request, queries.finding(request.actor, digest))


@require_safe
def tickets(request: ActorRequest, digest: str) -> HttpResponse:
    """The tickets of a finding that a desk tells: ?page=.."""
    wanted = request.GET.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 1
    shown, behind = queries.finding(request.actor, digest), tickets_behind(request.actor, digest, number)
    pages = Paginator(range(behind.total), OF_TICKETS).get_page(number)
    context = {"shown": shown, "rows": behind.tickets, "total": behind.total, "page": pages}
    return render(request, "improvement/finding_tickets.html", context)


@require_POST
def decide(request: ActorRequest, digest: str) -> HttpResponseBase:
    """What a person does about it; the finding's state says what may be done."""
    shown = queries.finding(request.actor, digest)
    decision = request.POST.get("decision", "")
    form = {"accept": AcceptForm, "decline": DeclineForm}.get(decision, forms.Form)(request.POST)
    if not form.is_valid():
        return _page(request, shown, **{decision: form})
    verbs: dict[str, Callable[..., None]] = {
        "accept": actions.accept,
        "mend": actions.mend,
        "decline": actions.decline,
        "reopen": actions.reopen,
    }
    if decision not in verbs:
        raise Http404(_("There is no such decision about a finding."))
    try:
        verbs[decision](request.actor, digest, **form.cleaned_data)
    except ValidationError as error:
        for name, reasons in error.message_dict.items():
            form.add_error(name if name in form.fields else None, reasons)
        return _page(request, shown, **{decision: form})
    except actions.CannotDo as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Saved."))
    return redirect("improvement:finding", digest=digest)


def _page(request: ActorRequest, shown: FindingShown, **sent: forms.Form) -> HttpResponse:
    found, actor = shown.found, request.actor
    today = timezone.localdate()
    context: dict[str, Any] = {
        "shown": shown,
        "found": found,
        "where": found.where,
        "family": wording.family_in_words(found.family),
        "tone": _tone(shown.state),
        "signals": [(wording.signal_in_words(signal), signal, _noted(signal)) for signal in found.signals],
        "segment": [f"{name}: {value}" for name, value in found.where.segment.items()],
        "weeks": weeks_in_words(found),
        "chart": chart_tag(weeks_chart(found), _("Customer-days that it hit, by week"), weeks_in_words(found))
        if len(found.weeks) > 1
        else "",
        "blueprint": f"{reverse('journeys:blueprint', kwargs={'key': found.journey})}#step-{found.step}"
        if actor.may(READ_JOURNEYS) and found.journey
        else "",
        "of_estate": found.family in OF_ESTATE,
        "may_see_estate": actor.may(READ_ESTATE),
        "may_see_journeys": actor.may(READ_JOURNEYS),
        "may_see_desk": actor.may(READ_DESK),
        "to": LEVELS.get(found.desk.to, "") if found.desk else "",
        "everybody": _everybody(shown) if actor.may(READ_CUSTOMERS) and found.journey else "",
        "may_write": actor.may(WRITE_FINDINGS) and bool(shown.may),
        "may_see_customers": actor.may(READ_CUSTOMERS),
        "may_write_reviews": actor.may(WRITE_FINDINGS),
        "accept": sent.get("accept") or AcceptForm(initial=_proposed(shown, actor.name, today)),
        "decline": sent.get("decline") or DeclineForm(initial={"review_on": today + TIME_TO_REVIEW}),
        "declining": "decline" in sent,
        "accepting": "accept" in sent,
    }
    wrong = any(form.errors for form in sent.values())
    return render(request, "improvement/finding.html", context, status=422 if wrong else 200)


def _proposed(shown: FindingShown, name: str, today: Any) -> dict[str, Any]:
    """What the form to accept it says before somebody changes it."""
    return {
        "owner": shown.owner or name,
        "next_step": shown.next_step or shown.first_step_in_words,
        "due": shown.due or today + TIME_TO_MEND,
        "expected_gain": _gain(shown),
    }


def _gain(shown: FindingShown) -> int | None:
    """None for a risk of which nobody measured how often it happens."""
    known = None if shown.found.is_risk else shown.found.ruined_days.value or shown.found.beyond.value
    gain = shown.expected_gain or known
    return None if gain is None else round(gain)


def _everybody(shown: FindingShown) -> str:
    """Everybody who had a bad experience at the step, as the journey's own list counts them."""
    address = reverse("journeys:entities", kwargs={"key": shown.found.journey})
    return f"{address}?step={shown.found.step}&bad=1"


def _noted(signal: Signal) -> str:
    """What the detector looked at: "channel=phone hours=18-22" as words."""
    parts = [part.partition("=") for part in NEXT_NAME.split(signal.note)]
    return ", ".join(f"{name} {value}" if equals else name for name, equals, value in parts)


def _tone(state: str) -> str:
    tones = {"open": "warn", "back": "harm", "accepted": "note", "mending": "note", "gone": "good"}
    return tones.get(state, "")
