"""Which networks may be scanned, and having them scanned."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from towpath.estate.actions import scanning as actions
from towpath.estate.jobs import scan_range
from towpath.estate.pages.framing import tabs_for
from towpath.estate.queries import ranges as queries
from towpath.estate.rules.permissions import AUTHORISE_SCANS, WRITE_ESTATE
from towpath.foundation.access.routes import ActorRequest

PERIODS = (
    (0, gettext_lazy("only when somebody asks")),
    (3_600, gettext_lazy("every hour")),
    (86_400, gettext_lazy("every day")),
    (7 * 86_400, gettext_lazy("every week")),
)


class RangeForm(forms.Form):
    """What is to be scanned, and who allowed it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("Like office."))
    networks = forms.CharField(
        label=gettext_lazy("Networks"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line, like 192.0.2.0/24 or 2001:db8::/120."),
    )
    ports = forms.CharField(
        label=gettext_lazy("Ports"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Like 22,80,8000-8100; left empty: the thousand most usual ones."),
    )
    every_s = forms.TypedChoiceField(label=gettext_lazy("Scan"), choices=PERIODS, coerce=int)
    because = forms.CharField(
        label=gettext_lazy("Because"),
        max_length=500,
        required=False,
        help_text=gettext_lazy(
            "Who allowed it. Scanning others' networks can be a crime, and can break things."
        ),
    )


@require_GET
def listing(request: ActorRequest) -> HttpResponse:
    return _page(request, RangeForm())


def _page(request: ActorRequest, form: RangeForm) -> HttpResponse:
    context = {
        "ranges": queries.ranges(request.actor),
        "form": form,
        "periods": dict(PERIODS),
        "tabs": tabs_for(request.actor),
        "may_authorise": request.actor.may(AUTHORISE_SCANS),
        "may_scan": request.actor.may(WRITE_ESTATE),
    }
    return render(request, "estate/ranges.html", context, status=422 if form.errors else 200)


@require_POST
def authorise(request: ActorRequest) -> HttpResponseBase:
    """Allow that a range is scanned."""
    form = RangeForm(request.POST)
    if form.is_valid():
        try:
            actions.authorise(request.actor, **form.cleaned_data)
            messages.success(request, _("Authorised. Nothing was sent yet."))
            return redirect("estate:ranges")
        except ValidationError as error:
            form.add_error(None, error)
    return _page(request, form)


@require_POST
def scan(request: ActorRequest, name: str) -> HttpResponseBase:
    """Have a worker look at it now."""
    actions.ask_for_scan(request.actor, name)
    scan_range.enqueue(name)
    messages.success(request, _("A worker scans it. What it finds is among what changed."))
    return redirect("estate:ranges")


@require_POST
def withdraw(request: ActorRequest, name: str) -> HttpResponseBase:
    """Allow it no more."""
    actions.withdraw(request.actor, name)
    messages.success(request, _("It is scanned no more. What was found stays."))
    return redirect("estate:ranges")
