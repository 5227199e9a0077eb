"""The list of components, and one: what hangs on it, how that goes, and what was found there."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from towpath.customers.rules import READ_CUSTOMERS
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.charts import chart_tag
from towpath.foundation.ui.figures import day, number
from towpath.improvement.pages.charting import faults_chart
from towpath.improvement.queries import components as queries
from towpath.improvement.schemas.components import ComponentShown
from towpath.journeys.rules.permissions import READ_JOURNEYS


@require_safe
def listing(request: ActorRequest) -> HttpResponse:
    """All that events or findings name, the most ruining first."""
    context = {"components": queries.components(request.actor), "weeks": queries.RECENT}
    return render(request, "improvement/components.html", context)


@require_safe
def show(request: ActorRequest, name: str) -> HttpResponse:
    shown = queries.component(request.actor, name)
    told = _weeks_in_words(shown)
    context = {
        "shown": shown,
        "weeks": queries.RECENT,
        "standing": [found for found in shown.findings if found.stands],
        "others": [found for found in shown.findings if not found.stands],
        "chart": chart_tag(faults_chart(shown), _("Faults per 1,000 attempts, by week"), told)
        if any(week.attempts for week in shown.weeks)
        else "",
        "may_see_journeys": request.actor.may(READ_JOURNEYS),
        "may_see_customers": request.actor.may(READ_CUSTOMERS),
    }
    return render(request, "improvement/component.html", context)


def _weeks_in_words(shown: ComponentShown) -> str:
    lines = [
        _("Week from %(day)s: %(faults)s faults in %(attempts)s attempts.")
        % {"day": day(week.first_day), "faults": number(week.faults), "attempts": number(week.attempts)}
        for week in shown.weeks
    ]
    return " ".join(lines)
