"""Segments: who converts better or worse than the rest, and whether that is more than chance."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.charts import chart_tag
from towpath.foundation.ui.figures import NOTHING, percent, points, signed
from towpath.journeys.pages.asking import asked
from towpath.journeys.pages.charting import differences_chart
from towpath.journeys.pages.framing import Frame, attribute_name, frame_of
from towpath.journeys.queries.conduct import segments
from towpath.journeys.queries.funnels import funnel
from towpath.journeys.schemas.conduct import Segment, Segments

MOST_DRAWN = 20


@dataclass(frozen=True)
class Row:
    """A segment: its verdict in words with a chip's tone; how many entered in all; where these are, those
    followed, and those of them who finished."""

    segment: Segment
    verdict: str
    tone: str
    interval: str
    entered: int
    people: str
    followed: str
    finished: str


@require_GET
def show(request: ActorRequest, key: str) -> HttpResponse:
    frame = frame_of(request, key, asked(request))
    found, entered = None, {}
    if frame.question.selection.by:
        question, found = frame.question.answer(lambda selection: segments(request.actor, key, selection))
        frame = replace(frame, question=question)
    if found is not None:
        whole = funnel(request.actor, key, frame.question.selection)
        entered = {each.segment: each.entered for each in whole.segments}
    context = frame.context(found=found, by=attribute_name(frame.question.selection.by))
    if found is not None:
        drawn = [each for each in found.segments if each.difference is not None][:MOST_DRAWN]
        context |= {
            "sentence": sentence(found),
            "rows": [_row(frame, found, each, entered.get(each.segment, 0)) for each in found.segments],
            "chart": _chart(drawn) if drawn else "",
        }
    return render(request, "journeys/segments.html", context)


def sentence(found: Segments) -> str:
    """The most important finding, in words."""
    by = attribute_name(found.by)
    chosen = [each for each in found.segments if each.selected and each.difference is not None]
    if not found.segments or all(each.too_little_data for each in found.segments):
        return _("Too little data to compare by %(by)s.") % {"by": by}
    if not chosen:
        return _("No difference by %(by)s is more than chance.") % {"by": by}
    widest = max(chosen, key=lambda each: abs(each.difference or 0.0))
    text = (
        _("“%(segment)s” finishes more often than the rest: %(rate)s against %(rest)s.")
        if (widest.difference or 0) > 0
        else _("“%(segment)s” finishes less often than the rest: %(rate)s against %(rest)s.")
    )
    return text % {
        "segment": widest.segment,
        "rate": percent(widest.rate),
        "rest": percent(widest.rest_rate),
    }


def _row(frame: Frame, found: Segments, each: Segment, entered: int) -> Row:
    verdict, tone = _("too little data"), ""
    if not each.too_little_data:
        verdict = _("may be chance")
        if each.selected and (each.difference or 0) > 0:
            verdict, tone = _("better than the rest"), "good"
        elif each.selected:
            verdict, tone = _("worse than the rest"), "harm"
    low, high = (each.adjusted_low, each.adjusted_high) if each.selected else (each.low, each.high)
    return Row(
        segment=each,
        verdict=verdict,
        tone=tone,
        interval=_("%(low)s to %(high)s") % {"low": _signed(low), "high": points(high)}
        if low is not None
        else NOTHING,
        entered=entered,
        people=frame.people(state="reached", segment=each.segment),
        followed=_followed(frame, found, each, "reached"),
        finished=_followed(frame, found, each, "converted"),
    )


def _followed(frame: Frame, found: Segments, each: Segment, state: str) -> str:
    """Where those who were followed for the horizon are listed."""
    days, rest = divmod(found.horizon_seconds, 86_400)
    window = f"{round(found.horizon_seconds * 1000)}ms" if rest else f"{round(days)}d"
    return frame.people(state=state, segment=each.segment, followed="true", window=window)


def _signed(difference: float | None) -> str:
    return signed(None if difference is None else difference * 100, 1)


def _chart(drawn: list[Segment]) -> str:
    said = _("Each segment's conversion less that of all others, with Newcombe's 95 % interval.")
    return chart_tag(differences_chart(drawn), _("Better and worse than the rest"), said)
