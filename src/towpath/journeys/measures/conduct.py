"""What a journey asks of people: friction on the way, whose turn it was, and what the lost did next."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.analytics import after_loss, first_touch, friction, funnel, turns
from towpath.analytics.after_loss import AfterLossPartial, AfterLossSpec
from towpath.analytics.friction import UNKNOWN_CHANNEL, FrictionPartial, FrictionSpec
from towpath.analytics.sequences import NONE
from towpath.analytics.turns import TurnsPartial, TurnsSpec
from towpath.journeys.measures.evidence import Batch, Evidence
from towpath.journeys.measures.plan import Plan
from towpath.journeys.measures.selected import selected
from towpath.journeys.measures.selection import Selection
from towpath.journeys.measures.specs import funnel_spec, touch_spec_of
from towpath.journeys.measures.touching import levels_of_touches, mandatory


def measure_friction(evidence: Evidence, selection: Selection) -> FrictionPartial:
    """Repeats, steps back and channel hops of every entity."""
    plan = evidence.plan
    spec = FrictionSpec(plan.steps, plan.mask_of("outcome"), selection.window_us or plan.window_us)
    channels: dict[str, int] = {}
    parts = [
        friction.partial(part.belonging.sequences, spec, _channels(part.belonging, channels))
        for part in selected(evidence, selection, ["channel"])
    ]
    merged = friction.merge(parts)
    return merged if channels else FrictionPartial(merged.spec, merged.events, merged.entities, False)


def measure_turns(evidence: Evidence, selection: Selection) -> TurnsPartial:
    """How long every entity waited for whom. Raises ValueError for a source without a journey."""
    spec = turns_spec(evidence.plan, selection)
    return turns.merge(
        [turns.partial(part.belonging.sequences, spec) for part in selected(evidence, selection)]
    )


def turns_spec(plan: Plan, selection: Selection) -> TurnsSpec:
    """The clock ends with the last step, a terminal outcome, or the window."""
    if plan.definition is None:
        raise ValueError(f"{plan.name} is a source, not a journey: nobody says whose turn it is.")
    return TurnsSpec(
        steps=plan.steps,
        parties=len(plan.definition.parties()),
        turn_of=tuple(NONE if a.party is None else a.party for a in plan.activities),
        ends=plan.mask_of("outcome") | 1 << (plan.steps - 1),
        window_us=selection.window_us or plan.window_us,
    )


def measure_after_loss(evidence: Evidence, selection: Selection) -> AfterLossPartial:
    """The next activity (step, outcome or inside item) after each entity's furthest step."""
    plan = evidence.plan
    spec = AfterLossSpec(
        funnel_spec(plan, selection), sum(plan.mask_of(kind) for kind in ("step", "outcome", "inside"))
    )
    return after_loss.merge(
        [_after_loss(part.batch, plan, selection, spec) for part in selected(evidence, selection)]
    )


def _after_loss(batch: Batch, plan: Plan, selection: Selection, spec: AfterLossSpec) -> AfterLossPartial:
    if selection.mode != "first-touch":
        return after_loss.partial(batch.sequences, spec)
    touch_spec, steps = touch_spec_of(plan, selection), mandatory(batch, plan)
    touches = first_touch.search(steps, touch_spec)
    touched = first_touch.of_touches(steps, touch_spec, touches)
    levels = levels_of_touches(funnel.partial(batch.sequences, spec.funnel), touched, batch)
    return after_loss.of_levels(batch.sequences, spec, levels, touches.position)


def _channels(batch: Batch, known: dict[str, int]) -> npt.NDArray[np.uint16]:
    """Numbers of the channels, the same in every batch; `known` grows."""
    column = batch.columns["channel"].cast(pa.string()).combine_chunks().dictionary_encode()
    numbers = [known.setdefault(name, len(known)) for name in column.dictionary.to_pylist()]
    of = np.array([*numbers, UNKNOWN_CHANNEL], np.uint16)
    found: npt.NDArray[np.uint16] = of[column.indices.fill_null(len(numbers)).to_numpy(zero_copy_only=False)]
    return found
