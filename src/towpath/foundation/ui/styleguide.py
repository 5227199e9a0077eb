"""The style guide: every part that pages are made of, on one page, to look at, to copy from and to test on.

Its figures are invented; it shows nothing of the organisation. Altair is loaded by the functions that draw:
it takes longer to load than most pages to make.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import Role
from towpath.foundation.ui.bars import Part
from towpath.foundation.ui.charts import chart_tag, inline, picture_response

if TYPE_CHECKING:
    import altair as alt

STYLEGUIDE = permission("ui:styleguide", Role.ADMINISTRATOR)

STEPS = [
    ("Submitted", 13_087, 1.0, None),
    ("Preaccepted", 7_367, 0.563, 24.0),
    ("Accepted", 5_113, 0.391, 86_000.0),
    ("Offer sent", 5_015, 0.383, 130.0),
    ("Sent back", 3_254, 0.249, 950_000.0),
    ("Activated", 2_246, 0.172, 414_000.0),
]
TRIES = 40


class ExampleForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), help_text=gettext_lazy("As your colleagues call it."))
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        choices=[("web", gettext_lazy("Web")), ("phone", gettext_lazy("Phone"))],
    )
    days = forms.IntegerField(label=gettext_lazy("Window in days"), min_value=1, max_value=366)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    live = forms.BooleanField(label=gettext_lazy("Show to everybody"), required=False)


def _bars() -> alt.Chart:
    import altair as alt

    rows = [{"step": name, "reached": reached, "share": share} for name, reached, share, _seconds in STEPS]
    chart: alt.Chart = (
        alt.Chart(inline(rows))
        .mark_bar()
        .encode(
            x=alt.X("reached:Q", title=_("Applications"), axis=alt.Axis(grid=True)),
            y=alt.Y("step:N", title=None, sort=None),
            tooltip=[
                alt.Tooltip("step:N", title=_("Step")),
                alt.Tooltip("reached:Q", title=_("Applications"), format=","),
                alt.Tooltip("share:Q", title=_("Share"), format=".1%"),
            ],
        )
        .properties(height=220)
    )
    return chart


def _line() -> alt.Chart:
    import altair as alt

    rows = [
        {
            "day": f"2026-11-{day:02}",
            "channel": channel,
            "rate": base + ((day * 7) % 5) / 400 - (day > 12) * drop,
        }
        for channel, base, drop in (("Web", 0.95, 0.01), ("App", 0.94, 0.05), ("Phone", 0.97, 0.0))
        for day in range(1, 21)
    ]
    chart: alt.Chart = (
        alt.Chart(inline(rows))
        .mark_line()
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b")),
            y=alt.Y("rate:Q", title=_("Good days"), axis=alt.Axis(format=".0%"), scale=alt.Scale(zero=False)),
            color=alt.Color("channel:N", title=_("Channel")),
            tooltip=[alt.Tooltip("channel:N"), alt.Tooltip("rate:Q", format=".1%")],
        )
        .properties(height=220)
    )
    return chart


def _heat() -> alt.Chart:
    import altair as alt

    rows = [
        {"hour": hour, "day": day, "n": (hour * (8 - day)) % 23} for hour in range(24) for day in range(1, 8)
    ]
    chart: alt.Chart = (
        alt.Chart(inline(rows))
        .mark_rect()
        .encode(
            x=alt.X("hour:O", title=_("Hour"), axis=alt.Axis(labelAngle=0)),
            y=alt.Y("day:O", title=_("Weekday")),
            color=alt.Color("n:Q", title=_("Contacts")),
            tooltip=[alt.Tooltip("hour:O", title=_("Hour")), alt.Tooltip("n:Q", title=_("Contacts"))],
        )
        .properties(height=180)
    )
    return chart


def styleguide(request: ActorRequest) -> HttpResponse:
    bound = ExampleForm({"name": "", "days": "900"}) if "errors" in request.GET else ExampleForm()
    context = {
        "form": bound,
        "steps": STEPS,
        "page": Paginator(range(1_234), 50).get_page(request.GET.get("page", 1)),
        "now": dt.datetime(2026, 11, 12, 9, 40, 7, tzinfo=dt.UTC),
        "causes": [
            Part(0.31, _("Paying by card fails"), "fill-1"),
            Part(0.22, _("Meter lookup is slow"), "fill-2"),
            Part(0.15, _("Identity check loses phone customers"), "fill-3"),
            Part(0.32, _("The rest"), "rest"),
        ],
        "weeks": [24, 22, 26, 20, 24, 18, 21, 17, 22, 20, 44, 58],
        "record": {"source": "bank", "type": "A_SUBMITTED", "data": {"amount": 20_000, "currency": "EUR"}},
        "charts": [
            chart_tag(
                _bars(), _("Where applications are lost"), _("Half are lost before they are preaccepted.")
            ),
            chart_tag(_line(), _("Good days by channel"), _("The app fell by five points on 13 November.")),
            chart_tag(_heat(), _("Contacts by hour"), _("The more contacts, the stronger the colour.")),
        ],
    }
    return render(request, "ui/styleguide.html", context)


def styleguide_progress(request: ActorRequest) -> HttpResponse:
    """Work that is done after two questions."""
    done = min(TRIES, int(request.GET.get("done", "0")) + TRIES // 2)
    return render(
        request, "ui/styleguide_progress.html", {"done": done, "total": TRIES, "over": done == TRIES}
    )


@require_POST
def styleguide_sent(request: ActorRequest) -> HttpResponse:
    """What an htmx form gets back."""
    return render(request, "ui/styleguide_sent.html", {"name": request.POST.get("name", "")})


def styleguide_chart(_request: ActorRequest) -> HttpResponse:
    return picture_response(_bars(), "svg", "where-applications-are-lost")
