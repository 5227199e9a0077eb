"""Friction, turns, what the lost did next, segments and loss as records."""

from __future__ import annotations

from typing import Literal

from django.utils.translation import gettext as _

from towpath.analytics import after_loss as after
from towpath.analytics import friction as frictions
from towpath.analytics import turns as clocks
from towpath.analytics.friction import Detour as Counted
from towpath.analytics.loss import Range as Interval
from towpath.analytics.segments import SegmentRow
from towpath.foundation.access.actor import Actor
from towpath.journeys.measures import loss as losses
from towpath.journeys.measures.comparison import measure_segments
from towpath.journeys.measures.conduct import measure_after_loss, measure_friction, measure_turns
from towpath.journeys.measures.plan import Activity, Plan
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries.journeys import evidence_of
from towpath.journeys.rules.definition import CUSTOMER, Definition
from towpath.journeys.schemas.conduct import (
    AfterLoss,
    Detour,
    Friction,
    Loss,
    LostAt,
    Next,
    Range,
    Segment,
    Segments,
    StepFriction,
    StepLoss,
    StepTurn,
    Turn,
    Turns,
)

NOBODY = "nobody"
PartyKind = Literal["customer", "department", "supplier", "unknown"]
SECOND = 1_000_000
NOT_MEASURABLE = "not measurable yet"


def _as_it_is(selection: Selection, *, modes: bool = True) -> None:
    """Raises ValueError for what these measures cannot do, rather than ignore what was asked."""
    if selection.by:
        raise ValueError(_("This is not compared by segments: leave out by."))
    if not modes and selection.mode != Selection().mode:
        raise ValueError(_("This knows no modes: leave out mode."))


def friction(actor: Actor, key: str, selection: Selection) -> Friction:
    """Repeats, going back and channel hops. Raises NoSuchJourney and ValueError."""
    _as_it_is(selection, modes=False)
    evidence = evidence_of(actor, key)
    result = frictions.finish(measure_friction(evidence, selection))
    return Friction(
        journey=key,
        as_of=evidence.as_of,
        steps=tuple(
            StepFriction(activity.key, activity.name, _detour(at.repeats), _detour(at.backs), _maybe(at.hops))
            for activity, at in zip(evidence.plan.step_activities, result.steps, strict=True)
        ),
        repeats=_detour(result.whole.repeats),
        backs=_detour(result.whole.backs),
        hops=_maybe(result.whole.hops),
    )


def turns(actor: Actor, key: str, selection: Selection) -> Turns:
    """For whom the journey waits, and how long. Raises NoSuchJourney and ValueError."""
    _as_it_is(selection, modes=False)
    evidence = evidence_of(actor, key)
    result = clocks.finish(measure_turns(evidence, selection), evidence.as_of_us)
    return Turns(
        journey=key,
        as_of=evidence.as_of,
        total_seconds=result.total_us / SECOND,
        still_open=result.still_open,
        turns=tuple(_turn(evidence.plan, turn) for turn in result.turns),
    )


def after_loss(actor: Actor, key: str, selection: Selection, top: int = 10) -> AfterLoss:
    """What lost customers did next. Raises NoSuchJourney and ValueError."""
    _as_it_is(selection)
    evidence = evidence_of(actor, key)
    activities = evidence.plan.activities
    result = after.finish(measure_after_loss(evidence, selection), evidence.as_of_us, top, ())
    return AfterLoss(
        journey=key,
        as_of=evidence.as_of,
        lost=result.lost,
        steps=tuple(
            LostAt(
                key=activities[at.step].key,
                name=activities[at.step].name,
                lost=at.lost,
                next=tuple(
                    _next(activities[each.bit] if each.bit >= 0 else None, each) for each in at.following
                ),
            )
            for at in result.steps
        ),
    )


def segments(actor: Actor, key: str, selection: Selection) -> Segments:
    """Each segment against the rest, with false discoveries held down. Raises NoSuchJourney and
    ValueError."""
    evidence = evidence_of(actor, key)
    found = measure_segments(evidence, selection)
    return Segments(
        journey=key,
        as_of=evidence.as_of,
        by=selection.by,
        horizon_seconds=found.horizon_us / SECOND,
        followed=found.followed,
        left_out=found.left_out,
        segments=tuple(_segment(row) for row in found.rows),
    )


def loss(actor: Actor, key: str, selection: Selection) -> Loss:
    """Customers and money lost together with a bad experience, per step. Raises NoSuchJourney and
    ValueError."""
    _as_it_is(selection)
    evidence = evidence_of(actor, key)
    followed = losses.attempts(evidence, selection)
    return Loss(
        journey=key,
        as_of=evidence.as_of,
        steps=tuple(_step_loss(evidence.plan, each) for each in losses.measure_loss(followed)),
        horizon_seconds=followed.horizon_us / SECOND,
        followed=followed.followed,
        left_out=followed.left_out,
    )


def _detour(found: Counted) -> Detour:
    return Detour(found.events, found.entities)


def _maybe(found: Counted | None) -> Detour | None:
    return None if found is None else _detour(found)


def _turn(plan: Plan, found: clocks.Turn) -> Turn:
    party, name, kind = party_of(plan.definition, found.party)
    steps = zip(plan.step_activities, found.by_step_us, strict=True)
    return Turn(
        party=party,
        name=name,
        kind=kind,
        seconds=found.total_us / SECOND,
        share=found.share,
        steps=tuple(StepTurn(step.key, step.name, spent / SECOND) for step, spent in steps),
    )


def party_of(definition: Definition | None, index: int | None) -> tuple[str, str, PartyKind]:
    """Key, name and kind of the party with that index; None is nobody who was named."""
    if definition is None or index is None:
        return NOBODY, _("nobody named"), "unknown"
    if index == 0:
        return CUSTOMER, _("the customer"), "customer"
    key = definition.parties()[index]
    names = definition.party_names()
    return (
        (key, names[key], "department")
        if index <= len(definition.departments)
        else (key, names[key], "supplier")
    )


def _next(activity: Activity | None, found: after.NextActivity) -> Next:
    return Next(
        key=activity.key if activity else None,
        name=activity.name if activity else None,
        count=found.count,
        share=found.share,
        median_seconds=found.duration.median_seconds,
    )


def _segment(row: SegmentRow) -> Segment:
    return Segment(
        segment=row.name,
        entered=row.size,
        converted=row.converted,
        rest_entered=row.rest_size,
        rest_converted=row.rest_converted,
        too_little_data=row.too_little_data,
        rate=row.rate,
        rest_rate=row.rest_rate,
        difference=row.difference,
        low=row.low,
        high=row.high,
        p=row.p,
        q=row.q,
        selected=row.selected,
        adjusted_low=row.adjusted_low,
        adjusted_high=row.adjusted_high,
    )


def _step_loss(plan: Plan, found: losses.StepLoss) -> StepLoss:
    activity, seen = plan.activities[found.step], found.loss
    return StepLoss(
        key=activity.key,
        name=activity.name,
        verdict=seen.verdict if seen else NOT_MEASURABLE,
        attempts=found.attempts,
        measurable_share=found.known / found.attempts if found.attempts else None,
        exposed=seen.exposed if seen else 0,
        lost_among_exposed=seen.lost_among_exposed if seen else 0,
        unexposed=seen.unexposed if seen else 0,
        lost_among_unexposed=seen.lost_among_unexposed if seen else 0,
        coverage=seen.coverage if seen else None,
        lost_beyond=_range(seen.lost_beyond) if seen else None,
        money=_range(seen.money) if seen else None,
        currency=found.currency,
        p=seen.difference.p if seen and seen.difference else None,
    )


def _range(found: Interval | None) -> Range | None:
    return None if found is None else Range(found.estimate, found.low, found.high)
