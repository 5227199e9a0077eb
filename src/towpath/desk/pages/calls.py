"""What call centres report: the series, one series' trends, and bringing a list in."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from towpath.desk.actions.calls import take_calls
from towpath.desk.pages.trend_drawing import Line, draw_lines
from towpath.desk.queries import calls as queries
from towpath.desk.queries.call_previews import preview_calls
from towpath.desk.rules.call_lists import HEADINGS, CallMapping
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.desk.schemas.calls import CallTrends, HourOfCalls
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.figures import duration, number, percent

EXAMPLE = """\
begins,queue,offered,answered,abandoned,wait,within
2026-03-02 08:00,billing,42,38,4,35,78 %
2026-03-02 08:30,billing,51,41,9,1:12,61 %"""
MOST_TEXT = 1_500_000
SHOWN_LINES = 50


class CallsForm(forms.Form):
    """A list, as a file or as text, and how it is read."""

    name = forms.CharField(
        label=gettext_lazy("Series"),
        max_length=60,
        help_text=gettext_lazy("Which telephone system tells it, the same each time, like switchboard."),
    )
    file = forms.FileField(label=gettext_lazy("File (CSV)"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Or its lines"),
        required=False,
        max_length=MOST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )
    zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Like Europe/Amsterdam. Needed the first time."),
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes of an interval"),
        required=False,
        min_value=0,
        max_value=1440,
        help_text=gettext_lazy("Found where it is left out."),
    )
    time_format = forms.CharField(
        label=gettext_lazy("How times are written"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Like %d.%m.%Y %H:%M; left out: 2026-03-01 08:30."),
    )
    begins, queue, offered, answered, abandoned, wait, within = (
        forms.CharField(label=label, required=False, max_length=200)
        for label in (
            gettext_lazy("Column: begins"),
            gettext_lazy("Column: queue"),
            gettext_lazy("Column: offered"),
            gettext_lazy("Column: answered"),
            gettext_lazy("Column: given up"),
            gettext_lazy("Column: waiting time"),
            gettext_lazy("Column: service level"),
        )
    )

    def clean(self) -> dict[str, object]:
        given: dict[str, object] = super().clean() or {}
        file = given.get("file")
        if file is not None:
            try:
                given["text"] = file.read().decode("utf-8-sig")  # type: ignore[attr-defined]
            except UnicodeDecodeError as error:
                told = {"place": error.start}
                self.add_error("file", _("The list is not UTF-8: byte %(place)s cannot be read.") % told)
        elif not given.get("text"):
            self.add_error("file", _("Choose a file, or write its lines below."))
        return given


@require_GET
def listing(request: ActorRequest) -> HttpResponse:
    context = {"series": queries.call_series(request.actor), "may": request.actor.may(MANAGE_DESK)}
    return render(request, "desk/calls_list.html", context)


@require_GET
def show(request: ActorRequest, name: str) -> HttpResponse:
    """?queue=.. shows one queue's weeks and hours."""
    found = queries.call_trends(request.actor, name, request.GET.get("queue", ""))
    hours, days = _week(found.hours)
    context = {
        "found": found,
        "pictures": _pictures(found),
        "hours": hours,
        "days": days,
        "may": request.actor.may(MANAGE_DESK),
    }
    return render(request, "desk/calls.html", context)


@require_http_methods(["GET", "POST"])
def bring_in(request: ActorRequest) -> HttpResponseBase:
    """Looked at first, taken in then; refused lines can be mended in between."""
    form = CallsForm(request.POST or None, request.FILES or None)
    seen = None
    if form.is_valid():
        given = form.cleaned_data
        mapping = CallMapping(
            zone=given["zone"],
            minutes=given["minutes"] or 0,
            time_format=given["time_format"],
            **{name: given[name] for name in HEADINGS},
        )
        try:
            if "take" in request.POST:
                taken = take_calls(request.actor, given["name"], given["text"], mapping)
                told = {"new": taken.new, "changed": taken.changed, "same": taken.same}
                words = _("%(new)s intervals are new, %(changed)s changed, %(same)s are as they were.")
                messages.success(request, words % told)
                return redirect("desk:calls", taken.series)
            seen = preview_calls(request.actor, given["name"], given["text"], mapping)
            form = CallsForm(initial={**given, "file": None, "text": given["text"][: MOST_TEXT + 1]})
        except ValidationError as error:
            form.add_error(None, error)
    context = {
        "form": form,
        "seen": seen,
        "lines": seen.rows[:SHOWN_LINES] if seen else (),
        "refused": seen.refused[:SHOWN_LINES] if seen else (),
        "gaps": seen.gaps[:SHOWN_LINES] if seen else (),
        "example": EXAMPLE,
    }
    return render(request, "desk/calls_import.html", context, status=422 if form.errors else 200)


def _pictures(found: CallTrends) -> list[tuple[str, SafeString]]:
    """Week by week; a week that is not whole has no sums, so that it does not look like a fall."""
    labels = [date_format(week.monday, "j M") for week in found.weeks]
    whole = [week if week.whole else None for week in found.weeks]
    told = [week.figures for week in found.weeks]
    calls = [
        Line(_("offered"), [week.figures.offered if week else None for week in whole]),
        Line(_("answered"), [week.figures.answered if week else None for week in whole]),
    ]
    share = [Line(_("given up"), [each.given_up_share for each in told])]
    wait = [Line(_("waiting time"), [each.wait_seconds for each in told])]
    tickets = [Line(_("tickets opened"), [week.tickets if week else None for week in whole])]
    drawn = (
        (_("Calls offered and answered, by week"), draw_lines(calls, labels, number)),
        (_("Share given up, by week"), draw_lines(share, labels, percent)),
        (_("Mean wait of answered calls, by week"), draw_lines(wait, labels, duration)),
        (_("Together with: tickets opened at the desks"), draw_lines(tickets, labels, number)),
    )
    return [(title, mark_safe(picture)) for title, picture in drawn if picture]  # noqa: S308 - made above


def _week(
    hours: Sequence[HourOfCalls],
) -> tuple[list[tuple[str, list[HourOfCalls | None]]], list[str]]:
    """A row for each hour of the day, a cell for each weekday that has calls."""
    days = sorted({each.weekday for each in hours})
    held = {(each.hour, each.weekday): each for each in hours}
    rows = [
        (f"{hour:02}:00", [held.get((hour, day)) for day in days])
        for hour in sorted({each.hour for each in hours})
    ]
    return rows, [str(WEEKDAYS_ABBR[day]) for day in days]
