"""The funnel as a record."""

from __future__ import annotations

import numpy as np

from towpath.analytics.conversion import Estimate
from towpath.foundation.access.actor import Actor
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.funnel import FunnelFigures, FunnelMeasure, measure_funnel
from towpath.journeys.measures.plan import Plan
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries.journeys import evidence_of, newest_version
from towpath.journeys.queries.standing import standing
from towpath.journeys.schemas.figures import Conversion, Funnel, FunnelSegment, FunnelStep


def funnel(actor: Actor, key: str, selection: Selection) -> Funnel:
    """The funnel of a journey: what stands, or computed. Raises NoSuchJourney, and ValueError for what the
    selection cannot ask."""
    stands = standing(actor, newest_version(actor, key), selection, Funnel)
    return stands if stands is not None else funnel_in(evidence_of(actor, key), selection)


def funnel_in(evidence: Evidence, selection: Selection) -> Funnel:
    """The funnel, computed. Raises ValueError for what the selection cannot ask."""
    measure = measure_funnel(evidence, selection)
    figures, plan = measure.figures(), evidence.plan
    return Funnel(
        journey=plan.name,
        as_of=evidence.as_of,
        entered=figures.entered,
        steps=_steps(plan, figures),
        conversion=conversion_of(figures.conversion),
        version=plan.version,
        mode=selection.mode,
        window_seconds=(selection.window_us or plan.window_us) / 1e6,
        ties=figures.ties or 0,
        by=selection.by,
        segments=_segments(measure),
    )


def _segments(measure: FunnelMeasure) -> tuple[FunnelSegment, ...]:
    if measure.segments is None:
        return ()
    found = []
    for place, name in enumerate(measure.segments.names):
        figures = measure.figures(np.asarray(measure.segments.of == place))
        found.append(
            FunnelSegment(
                name, figures.entered, _steps(measure.plan, figures), conversion_of(figures.conversion)
            )
        )
    return tuple(found)


def _steps(plan: Plan, figures: FunnelFigures) -> tuple[FunnelStep, ...]:
    return tuple(
        FunnelStep(
            key=activity.key,
            reached=counts.reached,
            completed=counts.completed,
            open=counts.open,
            finished_otherwise=counts.finished_otherwise,
            lost=counts.lost,
            median_seconds_from_previous=median,
            name=activity.name,
        )
        for activity, counts, median in zip(plan.step_activities, figures.steps, figures.medians, strict=True)
    )


def conversion_of(estimate: Estimate) -> Conversion:
    """The record of an estimate."""
    return Conversion(estimate.estimate, estimate.low, estimate.high, estimate.reason)
