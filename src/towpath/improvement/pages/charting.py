"""Charts of weeks: those of a finding with the change marked, those of a component.

Altair is loaded by the function that draws: it takes longer to load than most pages to make.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from towpath.foundation.ui.charts import inline
from towpath.foundation.ui.figures import day
from towpath.improvement.schemas.components import ComponentShown
from towpath.improvement.schemas.findings import Detected

if TYPE_CHECKING:
    import altair as alt


def weeks_chart(found: Detected) -> alt.Chart:
    """A bar a week; weeks since the change in the colour of harm, the others paler."""
    import altair as alt

    count = len(found.weeks)
    since = found.since
    rows = []
    for place, days in enumerate(found.weeks):
        last = found.last_day - timedelta(weeks=count - 1 - place)
        first = last - timedelta(days=6)
        changed = since is not None and last >= since.day
        rows.append(
            {"week": day(first), "days": round(days, 1), "when": _("since") if changed else _("before")}
        )
    bars = alt.Chart(inline(rows))
    chart: alt.Chart = (
        bars.mark_bar(cornerRadiusEnd=3)
        .encode(
            x=alt.X("week:N", title=_("Week from"), sort=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("days:Q", title=_("Customer-days")),
            color=alt.Color(
                "when:N",
                scale=alt.Scale(
                    domain=[_("before"), _("since")], range=["var(--canal-water)", "var(--harm)"]
                ),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("week:N", title=_("Week from")),
                alt.Tooltip("days:Q", title=_("Customer-days"), format=",.0f"),
            ],
        )
        .properties(height=200)
    )
    return chart


def faults_chart(shown: ComponentShown) -> alt.Chart:
    """A bar a week of thirteen: faults per 1,000 attempts."""
    import altair as alt

    rows = [
        {
            "week": day(week.first_day),
            "faults": round(1_000 * week.faults / week.attempts, 2) if week.attempts else None,
            "attempts": week.attempts,
        }
        for week in shown.weeks
    ]
    chart: alt.Chart = (
        alt.Chart(inline(rows))
        .mark_bar(cornerRadiusEnd=3, color="var(--harm)")
        .encode(
            x=alt.X(
                "week:N", title=_("Week from"), sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)
            ),
            y=alt.Y("faults:Q", title=_("Faults per 1,000 attempts")),
            tooltip=[
                alt.Tooltip("week:N", title=_("Week from")),
                alt.Tooltip("faults:Q", title=_("Faults per 1,000 attempts"), format=",.1f"),
                alt.Tooltip("attempts:Q", title=_("Attempts"), format=",.0f"),
            ],
        )
        .properties(height=200)
    )
    return chart


def weeks_in_words(found: Detected) -> str:
    """Since when, with its interval, in a sentence."""
    if found.since is None:
        return _("No day is known since when: it has been so for as long as we look.")
    told = {"first": day(found.since.day), "low": day(found.since.low), "high": day(found.since.high)}
    if found.since.low == found.since.high:
        return _("Since %(first)s; the day is certain.") % told
    return _("Since %(first)s, between %(low)s and %(high)s with 90 %% confidence.") % told
