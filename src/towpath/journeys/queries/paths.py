"""Flows, variants and first-touch times as records."""

from __future__ import annotations

import numpy as np

from towpath.analytics import first_touch
from towpath.analytics.conversion import curve
from towpath.analytics.conversion import partial as durations_of
from towpath.analytics.first_touch import FirstTouchPartial, TimesToOutcome
from towpath.analytics.flow import FlowResult
from towpath.analytics.kernels.quantiles import Durations
from towpath.analytics.variants import VariantsResult
from towpath.foundation.access.actor import Actor
from towpath.journeys.measures.carrying import types_of
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.funnel import measure_funnel, part_of
from towpath.journeys.measures.paths import Over, measure_flow, measure_variants
from towpath.journeys.measures.plan import Plan, plan_over_types
from towpath.journeys.measures.selection import Selection
from towpath.journeys.measures.specs import mandatory_steps
from towpath.journeys.queries.journeys import evidence_of, evidence_of_any
from towpath.journeys.schemas.paths import (
    CurvePoint,
    Edge,
    Flow,
    FlowSegment,
    Spread,
    StepTime,
    Times,
    TimesSegment,
    Variant,
    Variants,
    VariantsSegment,
)

CURVE_POINTS = 200


def flow(actor: Actor, name: str, selection: Selection, over: Over = "steps") -> Flow:
    """What follows what in a journey, or among the states of a source's cases.

    Raises NoSuchJourney, and ValueError for what the selection cannot ask.
    """
    evidence, of = activities_of(actor, name, over)
    (_all, whole), *compared = measure_flow(evidence, selection, of)
    return Flow(
        edges=_edges(whole),
        journey=name,
        as_of=evidence.as_of,
        cases=whole.cases,
        begins=whole.begins,
        ends=whole.ends,
        ties=whole.ties or 0,
        by=selection.by,
        segments=tuple(FlowSegment(str(value), each.cases, _edges(each)) for value, each in compared),
    )


def variants(actor: Actor, name: str, selection: Selection, top: int = 10, over: Over = "steps") -> Variants:
    """The most frequent ways through a journey, or through the states of a source. Raises like `flow`."""
    evidence, of = activities_of(actor, name, over)
    (_all, whole), *compared = measure_variants(evidence, selection, of, top)
    return Variants(
        cases=whole.cases,
        distinct=whole.distinct,
        variants=_variants(whole),
        journey=name,
        as_of=evidence.as_of,
        ties=whole.ties or 0,
        by=selection.by,
        segments=tuple(
            VariantsSegment(str(value), each.cases, each.distinct, _variants(each))
            for value, each in compared
        ),
    )


def activities_of(actor: Actor, name: str, over: Over) -> tuple[Evidence, int]:
    """The evidence, and the mask of the activities to look at."""
    evidence = evidence_of_any(actor, name)
    plan = evidence.plan
    if plan.definition is None:
        return evidence, plan.mask_of("outcome")
    if over == "types":
        plan = plan_over_types(plan, types_of(evidence.snapshot, plan.sources))
        return Evidence(plan, evidence.snapshot), plan.mask_of("outcome")
    of = plan.mask_of("step") | plan.mask_of("outcome")
    return evidence, of | plan.mask_of("inside") if over == "inside" else of


def times(actor: Actor, key: str, selection: Selection) -> Times:
    """How long it takes from step to step, first touch, and the conversion curve of the selection's mode.

    Raises NoSuchJourney and ValueError.
    """
    evidence = evidence_of(actor, key)
    measure = measure_funnel(evidence, selection)
    compared = measure.segments
    return Times(
        journey=key,
        as_of=evidence.as_of,
        steps=_step_times(evidence.plan, measure.touches),
        curve=_curve(measure.outcomes()),
        ties=first_touch.finish(measure.touches, ()).ties or 0,
        by=selection.by,
        segments=tuple(
            TimesSegment(
                value, _step_times(evidence.plan, part_of(measure.touches, np.asarray(compared.of == place)))
            )
            for place, value in enumerate(compared.names)
        )
        if compared
        else (),
    )


def _step_times(plan: Plan, found: FirstTouchPartial) -> tuple[StepTime, ...]:
    result = first_touch.finish(found)
    activities = [plan.activities[bit] for bit in mandatory_steps(plan)]
    return tuple(
        StepTime(activity.key, activity.name, spread(step.from_previous), spread(step.from_entry))
        for activity, step in zip(activities, result.steps, strict=True)
    )


def spread(found: Durations) -> Spread:
    """The quantiles of `kernels.quantiles.QUANTILES`, by name."""
    if not found.quantiles:
        return Spread(0, None, None, None, None, None)
    seconds = [value for _share, value in found.quantiles]
    return Spread(found.count, seconds[0], seconds[1], found.median_seconds, seconds[3], seconds[4])


def _curve(outcomes: TimesToOutcome) -> tuple[CurvePoint, ...]:
    drawn = curve(durations_of(outcomes.duration_us, outcomes.status))
    places = np.linspace(0, len(drawn.times) - 1, CURVE_POINTS if len(drawn.times) else 0)
    rows = np.unique(places.astype(int)).tolist()
    return tuple(
        CurvePoint(
            float(drawn.times[i]) / 1e6, float(drawn.estimate[i]), float(drawn.low[i]), float(drawn.high[i])
        )
        for i in rows
    )


def _edges(found: FlowResult) -> tuple[Edge, ...]:
    return tuple(
        _edge(edge.source, edge.target, edge.count, edge.entities, spread(edge.duration))
        for edge in found.edges
    )


def _edge(source: str, target: str, count: int, entities: int, duration: Spread) -> Edge:
    return Edge(source, target, count, duration.median, entities, duration.p10, duration.p90)


def _variants(found: VariantsResult) -> tuple[Variant, ...]:
    return tuple(Variant(each.steps, each.count) for each in found.variants)
