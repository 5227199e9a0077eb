"""Losses: where customers were lost, what they did next, and who is lost together with a bad experience."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.figures import interval, money, number
from towpath.journeys.pages.asking import asked
from towpath.journeys.pages.framing import Frame, frame_of
from towpath.journeys.pages.funnel import where_most_end
from towpath.journeys.queries.conduct import after_loss, loss
from towpath.journeys.queries.funnels import funnel
from towpath.journeys.schemas.conduct import Loss, StepLoss
from towpath.journeys.schemas.figures import FunnelStep

TOGETHER = "together with"
LEAST_COVERAGE = 0.8


@dataclass(frozen=True)
class Row:
    """A step: the verdict in words with a chip's tone, the shares lost with and without a bad experience.

    `people`, `lost_people`: where the journeys with a bad experience are listed, and those of them lost.
    """

    step: StepLoss
    verdict: str
    tone: str
    exposed_share: float | None
    unexposed_share: float | None
    customers: str
    money: str
    people: str
    lost_people: str


@dataclass(frozen=True)
class LostAt:
    """A step at which some are lost, as a share of all the lost and of all who reached it; where they are."""

    step: FunnelStep
    share: float
    of_reached: float
    people: str


@require_GET
def show(request: ActorRequest, key: str) -> HttpResponse:
    frame = frame_of(request, key, asked(request).without("by"))
    question, found = frame.question.answer(
        lambda s: (funnel(request.actor, key, s), loss(request.actor, key, s))
    )
    question, gone = question.answer(lambda s: after_loss(request.actor, key, s))
    frame = replace(frame, question=replace(question, problems=tuple(dict.fromkeys(question.problems))))
    context = frame.context(gone=gone, empty=found is not None and not found[0].entered)
    if found is not None and found[0].entered:
        whole, bad = found
        lost = sum(step.lost for step in whole.steps)
        context |= {
            "sentence": sentence(whole.steps, bad),
            "bad": bad,
            "rows": [_row(frame, step) for step in bad.steps],
            "lost": lost,
            "lost_at": _lost_at(frame, whole.steps, lost),
            "all_lost": frame.people(state="lost"),
            "exposed": any(step.exposed for step in bad.steps),
            "targets": any(step.target for step in frame.definition.steps),
            "measurable": any(step.measurable_share for step in bad.steps),
        }
    return render(request, "journeys/losses.html", context)


def sentence(steps: tuple[FunnelStep, ...], bad: Loss) -> str:
    """The most important finding, in words."""
    told = [step for step in bad.steps if step.verdict == TOGETHER and step.lost_beyond]
    if not told:
        return where_most_end(steps)
    worst = max(told, key=lambda step: step.lost_beyond.estimate if step.lost_beyond else 0.0)
    assert worst.lost_beyond is not None  # noqa: S101 - chosen among those that have one
    beyond = worst.lost_beyond
    text = _(
        "%(customers)s (%(interval)s) were lost beyond what would have been, together with a bad experience "
        "at “%(step)s”."
    )
    return text % {
        "customers": number(beyond.estimate),
        "interval": interval(number(beyond.low), number(beyond.high)),
        "step": worst.name,
    }


def _lost_at(frame: Frame, steps: tuple[FunnelStep, ...], lost: int) -> list[LostAt]:
    return [
        LostAt(step, step.lost / lost, step.lost / step.reached, frame.people(step=step.key, state="lost"))
        for step in steps
        if step.lost
    ]


def _row(frame: Frame, step: StepLoss) -> Row:
    verdict, tone = _verdict(step)
    beyond, worth = step.lost_beyond, step.money
    currency = step.currency or ""
    return Row(
        step=step,
        verdict=verdict,
        tone=tone,
        exposed_share=step.lost_among_exposed / step.exposed if step.exposed else None,
        unexposed_share=step.lost_among_unexposed / step.unexposed if step.unexposed else None,
        customers=interval(number(beyond.low), number(beyond.high)) if beyond else "",
        money=interval(money(worth.low, currency), money(worth.high, currency)) if worth else "",
        people=frame.people(step=step.key, bad="true"),
        lost_people=frame.people(step=step.key, bad="true", state="lost"),
    )


def _verdict(step: StepLoss) -> tuple[str, str]:
    """In words, never "caused by": what is observed together need not be a cause."""
    if step.verdict == TOGETHER:
        return _("lost together with a bad experience"), "harm"
    if step.verdict == "cannot tell" and step.coverage is not None and step.coverage < LEAST_COVERAGE:
        return _("cannot tell: too few are comparable"), "warn"
    if step.verdict == "cannot tell":
        return _("cannot tell from these"), "warn"
    if step.verdict == "not measurable yet":
        return _("not measurable yet: no outcome, and no latency with a target"), ""
    if not step.exposed:
        return _("nobody had one"), ""
    return _("too little data"), ""
