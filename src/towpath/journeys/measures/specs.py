"""A plan and what is asked of it, in the terms of the kernels."""

from __future__ import annotations

from towpath.analytics.first_touch import FirstTouchSpec
from towpath.analytics.funnel import FunnelSpec
from towpath.journeys.measures.plan import Plan
from towpath.journeys.measures.selection import Selection
from towpath.journeys.rules.durations import microseconds


def funnel_spec(plan: Plan, selection: Selection) -> FunnelSpec:
    """The kernel's terms. Any order knows neither exclusions nor windows per step.

    Raises ValueError for a source, and for first touch with optional steps.
    """
    definition = plan.definition
    if definition is None:
        raise ValueError(f"{plan.name} is a source, not a journey: it has a flow and variants, no steps.")
    if selection.mode == "first-touch" and any(step.optional for step in definition.steps):
        raise ValueError(
            "First touch waits for every step; this journey has optional ones: use another mode."
        )
    keys = plan.keys
    ordered = selection.mode != "any"
    windows = tuple(microseconds(step.window) if step.window else None for step in definition.steps)
    return FunnelSpec(
        steps=plan.steps,
        window_us=selection.window_us or plan.window_us,
        mode="ordered" if selection.mode == "first-touch" else selection.mode,
        terminals=plan.mask_of("outcome"),
        optional=frozenset(i for i, step in enumerate(definition.steps) if step.optional),
        exclusions=tuple(
            (keys.index(e.after), keys.index(e.before), sum(1 << keys.index(key) for key in e.without))
            for e in definition.exclusions
        )
        if ordered
        else (),
        step_windows=windows if ordered and any(windows) else (),
        entered=None if selection.mode == "first-touch" else selection.entered,
    )


def touch_spec_of(plan: Plan, selection: Selection) -> FirstTouchSpec:
    """Outcomes end the walk in the mode of that name; in the others the times stand beside its counts."""
    steps, window = len(mandatory_steps(plan)), selection.window_us or plan.window_us
    if selection.mode != "first-touch":
        return FirstTouchSpec(steps, window, entered=selection.entered)
    outcomes = sum(activity.kind == "outcome" for activity in plan.activities)
    return FirstTouchSpec(steps, window, ((1 << outcomes) - 1) << steps)


def mandatory_steps(plan: Plan) -> list[int]:
    """Bits of the steps that may not be passed over."""
    steps = plan.definition.steps if plan.definition else ()
    return [bit for bit, step in enumerate(steps) if not step.optional]
