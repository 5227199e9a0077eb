"""The charts of a journey's measures.

Altair is loaded by the functions that draw: it takes longer to load than most pages to make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from towpath.foundation.ui.charts import inline
from towpath.journeys.schemas.conduct import Segment
from towpath.journeys.schemas.figures import FunnelSegment
from towpath.journeys.schemas.paths import CurvePoint

if TYPE_CHECKING:
    import altair as alt

ROW_HEIGHT = 30
SHARE = ".1%"


def curve_chart(curve: Sequence[CurvePoint]) -> alt.LayerChart:
    """The share that has finished, by time since entry."""
    import altair as alt

    size, unit = _unit(curve[-1].seconds)
    rows = [
        {"after": round(p.seconds / size, 4), "share": p.estimate, "low": p.low, "high": p.high}
        for p in curve
    ]
    base = alt.Chart(inline(rows)).encode(
        x=alt.X("after:Q", title=unit, scale=alt.Scale(zero=True)),
        tooltip=[
            alt.Tooltip("after:Q", title=unit, format=",.1f"),
            alt.Tooltip("share:Q", title=_("Finished"), format=SHARE),
            alt.Tooltip("low:Q", title=_("from"), format=SHARE),
            alt.Tooltip("high:Q", title=_("to"), format=SHARE),
        ],
    )
    band = base.mark_area(opacity=0.25, interpolate="step-after").encode(
        y=alt.Y("low:Q", title=_("Finished"), axis=alt.Axis(format=".0%")), y2="high:Q"
    )
    line = base.mark_line(interpolate="step-after").encode(y=alt.Y("share:Q"))
    chart: alt.LayerChart = (band + line).properties(height=220)
    return chart


def _unit(longest: float) -> tuple[float, str]:
    for size, unit in (
        (86_400.0, _("Days since they entered")),
        (3_600.0, _("Hours since they entered")),
        (60.0, _("Minutes since they entered")),
    ):
        if longest >= 3 * size:
            return size, unit
    return 1.0, _("Seconds since they entered")


def segments_chart(segments: Sequence[FunnelSegment]) -> alt.LayerChart:
    """Conversion of each segment with its interval."""
    rows = [
        {
            "segment": each.segment,
            "share": each.conversion.estimate,
            "low": each.conversion.low,
            "high": each.conversion.high,
        }
        for each in segments
    ]
    return _intervals(rows, _("Finish within the window"), SHARE)


def differences_chart(segments: Sequence[Segment]) -> alt.LayerChart:
    """How far each segment is from the rest, with Newcombe's interval, around a line at no difference."""
    import altair as alt

    rows = [
        {"segment": each.segment, "share": each.difference, "low": each.low, "high": each.high}
        for each in segments
    ]
    chart = _intervals(rows, _("Difference to the rest"), "+.1%")
    nothing = alt.Chart(inline([{"nothing": 0}])).mark_rule(color="var(--edge)").encode(x="nothing:Q")
    layered: alt.LayerChart = nothing + chart
    return layered.properties(height=ROW_HEIGHT * len(rows) + 10)


def _intervals(rows: Sequence[Mapping[str, object]], title: str, form: str) -> alt.LayerChart:
    import altair as alt

    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("segment:N", title=None, sort=None, axis=alt.Axis(labelLimit=220)),
        tooltip=[
            alt.Tooltip("segment:N", title=_("Segment")),
            alt.Tooltip("share:Q", title=title, format=form),
            alt.Tooltip("low:Q", title=_("from"), format=form),
            alt.Tooltip("high:Q", title=_("to"), format=form),
        ],
    )
    axis = alt.Axis(format=form.replace(".1", ".0"), grid=True)
    scale = alt.Scale(zero=False, nice=True)
    reach = base.mark_rule(color="var(--canal)", strokeDash=[], strokeWidth=2).encode(
        x=alt.X("low:Q", title=title, axis=axis, scale=scale), x2="high:Q"
    )
    point = base.mark_point(filled=True, size=80, color="var(--canal)", opacity=1).encode(
        x=alt.X("share:Q", scale=scale)
    )
    chart: alt.LayerChart = (reach + point).properties(height=ROW_HEIGHT * len(rows) + 10)
    return chart
