"""The funnel: how far customers come, how long each step takes, and where they are lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.bars import Part
from towpath.foundation.ui.charts import chart_tag
from towpath.foundation.ui.figures import duration, number, percent
from towpath.journeys.pages.asking import asked
from towpath.journeys.pages.charting import curve_chart, segments_chart
from towpath.journeys.pages.framing import Frame, attribute_name, entities_word, frame_of
from towpath.journeys.queries.funnels import funnel
from towpath.journeys.queries.paths import times
from towpath.journeys.schemas.figures import Funnel, FunnelSegment, FunnelStep
from towpath.journeys.schemas.paths import Spread, Times, TimesSegment

MOST_DRAWN = 12
"""Segments beyond are in the table alone."""
FILLS = {"went_on": "fill-1", "open": "water", "finished_otherwise": "fill-6", "lost": "harm"}


@dataclass(frozen=True)
class Row:
    """A step and what became of those who reached it: `counts` and `people` (addresses) by state."""

    step: FunnelStep
    sees: str
    share: float
    went_on: int
    bar: list[Part]
    spread: Spread | None
    people: dict[str, str]


@dataclass(frozen=True)
class SegmentRow:
    """One segment: per step the share of its entries that reached it, and where those are listed; the times
    from the step before, of the steps that may not be passed over but for the first."""

    segment: FunnelSegment
    steps: list[tuple[FunnelStep, float, str]]
    times: list[Spread]


@require_GET
def show(request: ActorRequest, key: str) -> HttpResponse:
    frame = frame_of(request, key, asked(request))
    question, found = frame.question.answer(lambda selection: funnel(request.actor, key, selection))
    frame = replace(frame, question=question)
    context = frame.context(found=found, empty=found is not None and not found.entered)
    if found is not None and found.entered:
        context |= _figures(frame, found, times(request.actor, key, question.selection))
    return render(request, "journeys/funnel.html", context)


def _figures(frame: Frame, found: Funnel, timed: Times) -> dict[str, object]:
    return {
        "sentence": sentence(frame, found),
        "rows": rows(frame, found, timed),
        "totals": _totals(frame, found),
        "knows_completed": any(step.completed is not None for step in found.steps),
        "legend": _legend(),
        "segments": [
            _segment(frame, segment, timing)
            for segment, timing in zip(found.segments, timed.segments, strict=True)
        ],
        "timed": timed.steps[1:],
        "charts": _charts(found, timed),
        "by": attribute_name(found.by),
    }


def sentence(frame: Frame, found: Funnel) -> str:
    """The most important finding, in words."""
    said = []
    if found.conversion.estimate is not None:
        said.append(
            _("%(share)s of %(entered)s %(who)s finish within %(window)s (%(low)s to %(high)s).")
            % {
                "share": percent(found.conversion.estimate),
                "entered": number(found.entered),
                "who": entities_word(frame),
                "window": duration(found.window_seconds),
                "low": percent(found.conversion.low),
                "high": percent(found.conversion.high),
            }
        )
    said.append(where_most_end(found.steps))
    return " ".join(said)


def where_most_end(steps: Sequence[FunnelStep]) -> str:
    """At which step most are lost; where nobody is, at which most finish otherwise."""
    worst = max(steps, key=lambda step: step.lost)
    if worst.lost:
        text = _("Most are lost at “%(step)s”: %(lost)s of the %(reached)s who reached it (%(share)s).")
        count = worst.lost
    else:
        worst = max(steps, key=lambda step: step.finished_otherwise)
        if not worst.finished_otherwise:
            return _("Nobody is lost.")
        text = _(
            "Nobody is lost; most finish otherwise at “%(step)s”: %(lost)s of the %(reached)s who reached it "
            "(%(share)s)."
        )
        count = worst.finished_otherwise
    return text % {
        "step": worst.name,
        "lost": number(count),
        "reached": number(worst.reached),
        "share": percent(count / worst.reached if worst.reached else None),
    }


def rows(frame: Frame, found: Funnel, timed: Times) -> list[Row]:
    """One row a step, with bars in shares of all who entered."""
    spreads = {step.key: step.from_previous for step in timed.steps[1:]}
    sees = {step.key: step.sees or step.touchpoint for step in frame.definition.steps}
    made = []
    for step in found.steps:
        went_on = max(0, step.reached - step.lost - step.finished_otherwise - step.open)
        counts = {
            "went_on": went_on,
            "open": step.open,
            "finished_otherwise": step.finished_otherwise,
            "lost": step.lost,
        }
        states = ("reached", "completed", "went_on", "lost", "finished_otherwise", "open")
        made.append(
            Row(
                step=step,
                sees=sees[step.key],
                share=step.reached / found.entered,
                went_on=went_on,
                bar=[
                    Part(count / found.entered, f"{label}: {number(count)}", FILLS[state])
                    for (state, count), label in zip(counts.items(), state_names(), strict=True)
                ],
                spread=spreads.get(step.key),
                people={state: frame.people(step=step.key, state=state) for state in states},
            )
        )
    return made


def state_names() -> tuple[str, ...]:
    """What became of them, in the order of `FILLS`."""
    return _("went on"), _("still open"), _("finished otherwise"), _("lost")


def _legend() -> list[tuple[str, str]]:
    return list(zip(FILLS.values(), state_names(), strict=True))


def _totals(frame: Frame, found: Funnel) -> list[tuple[str, int, str]]:
    steps = found.steps
    return [
        (_("Still open"), sum(step.open for step in steps), frame.people(state="open")),
        (
            _("Finished otherwise"),
            sum(step.finished_otherwise for step in steps),
            frame.people(state="finished_otherwise"),
        ),
        (_("Lost"), sum(step.lost for step in steps), frame.people(state="lost")),
    ]


def _segment(frame: Frame, segment: FunnelSegment, timing: TimesSegment) -> SegmentRow:
    return SegmentRow(
        segment,
        [
            (
                step,
                step.reached / segment.entered if segment.entered else 0.0,
                frame.people(step=step.key, state="reached", segment=segment.segment),
            )
            for step in segment.steps
        ],
        [step.from_previous for step in timing.steps[1:]],
    )


def _charts(found: Funnel, timed: Times) -> list[SafeString]:
    charts = []
    compared = [each for each in found.segments[:MOST_DRAWN] if each.conversion.estimate is not None]
    if len(compared) > 1:
        said = _("The share that finishes in each segment, with its 95 % interval.")
        charts.append(chart_tag(segments_chart(compared), _("Finish within the window"), said))
    if len(timed.curve) > 2:
        said = _(
            "The share of those who entered that has finished, by time since they entered; the band is the "
            "95 % interval."
        )
        charts.append(chart_tag(curve_chart(timed.curve), _("When those who finish do so"), said))
    return charts
