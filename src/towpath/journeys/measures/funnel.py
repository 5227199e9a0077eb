"""The funnel of a plan: entities per step, their first-touch times, and conversion with competing
outcomes, which follows the funnel's own mode."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics import first_touch, funnel
from towpath.analytics.conversion import Estimate, cumulative_incidence
from towpath.analytics.first_touch import FirstTouchPartial, TimesToOutcome
from towpath.analytics.funnel import FunnelPartial, StepCounts
from towpath.events.envelope import Outcome
from towpath.journeys.measures.evidence import Batch, Evidence
from towpath.journeys.measures.plan import Plan
from towpath.journeys.measures.segmenting import Segments, segments_of
from towpath.journeys.measures.selected import narrowed
from towpath.journeys.measures.selection import Mode, Selection
from towpath.journeys.measures.specs import funnel_spec, mandatory_steps, touch_spec_of
from towpath.journeys.measures.touching import levels_of_touches, mandatory

Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class FunnelFigures:
    """Everything that one funnel says. `medians`: seconds from the step before, None for the first."""

    entered: int
    converted: int
    ties: int | None
    steps: tuple[StepCounts, ...]
    medians: tuple[float | None, ...]
    conversion: Estimate


@dataclass(frozen=True, eq=False)
class FunnelMeasure:
    """The funnel per entity. Both partials hold the entities in the same order."""

    plan: Plan
    as_of_us: int
    mode: Mode
    levels: FunnelPartial
    touches: FirstTouchPartial
    outcome: npt.NDArray[np.int8]
    """int8[entities]: bit of the terminal outcome at `terminal_at`, -1 without one."""
    segments: Segments | None
    told: int
    """Steps of which some attempt says how it ended (bits); of the others nothing is known to be complete."""

    def classes(self) -> npt.NDArray[np.int8]:
        """int8[entities] of `Class`."""
        return funnel.classify(self.levels, self.as_of_us)

    def figures(self, chosen: Bool | None = None) -> FunnelFigures:
        """Figures of all entities, or of the chosen ones (bool[entities])."""
        levels = self.levels if chosen is None else part_of(self.levels, chosen)
        touches = self.touches if chosen is None else part_of(self.touches, chosen)
        result = funnel.finish(levels, self.as_of_us)
        times = first_touch.finish(touches, ())
        return FunnelFigures(
            entered=result.entered,
            converted=result.converted,
            ties=result.ties,
            steps=tuple(self._as_told(place, counts) for place, counts in enumerate(result.steps)),
            medians=_spread(self.plan, [step.from_previous.median_seconds for step in times.steps]),
            conversion=_conversion(self.outcomes(chosen), levels.spec.window_us),
        )

    def outcomes(self, chosen: Bool | None = None) -> TimesToOutcome:
        """How long each entity that entered was followed, and what ended that; all, or the chosen ones."""
        if self.mode == "first-touch":
            touches = self.touches if chosen is None else part_of(self.touches, chosen)
            return first_touch.times_to_outcome(touches, self.as_of_us)
        levels = self.levels if chosen is None else part_of(self.levels, chosen)
        return funnel.times_to_outcome(levels, self.as_of_us)

    def _as_told(self, step: int, counts: StepCounts) -> StepCounts:
        return counts if self.told >> step & 1 else replace(counts, completed=None)


class _Part(NamedTuple):
    """What one batch contributes; the names are those of `FunnelMeasure`."""

    levels: FunnelPartial
    touches: FirstTouchPartial
    outcomes: npt.NDArray[np.int8]
    values: pa.ChunkedArray
    told: int


def _told(batch: Batch) -> int:
    """Steps of which an attempt in the batch has an outcome (bits)."""
    said = batch.columns["outcome"].is_valid().to_numpy()
    masks = batch.sequences.masks[np.unique(batch.sequences.code[said])]
    return int(np.bitwise_or.reduce(masks, initial=np.uint64(0)))


def measure_funnel(evidence: Evidence, selection: Selection) -> FunnelMeasure:
    """Follow every entity that the selection chooses. Raises ValueError for what the mode cannot compute."""
    plan = evidence.plan
    spec, touch_spec = funnel_spec(plan, selection), touch_spec_of(plan, selection)

    def follow(batch: Batch) -> _Part:
        part = narrowed(batch, plan, selection)
        touched = first_touch.partial(mandatory(part.batch, plan), touch_spec)
        ok = _was_ok(part.batch)
        levels = funnel.partial(part.batch.sequences, spec, ok)
        if selection.mode == "first-touch":
            levels = levels_of_touches(levels, touched, part.batch, ok)
        return _Part(levels, touched, _outcomes(part.batch, plan, levels), part.values, _told(part.batch))

    parts = evidence.each(follow, ["outcome", *selection.columns])
    merged = funnel.merge([part.levels for part in parts])
    values = [part.values for part in parts]
    segments = segments_of(values, merged.entities.level > 0) if selection.by else None
    return FunnelMeasure(
        plan,
        evidence.as_of_us,
        selection.mode,
        merged,
        first_touch.merge([part.touches for part in parts]),
        np.concatenate([part.outcomes for part in parts]),
        segments,
        int(np.bitwise_or.reduce([part.told for part in parts])),
    )


def _outcomes(batch: Batch, plan: Plan, levels: FunnelPartial) -> npt.NDArray[np.int8]:
    """Which outcome it was that came first after the latest entry."""
    s, found = batch.sequences, levels.entities
    bit_of = s.lowest_bit(plan.mask_of("outcome"))
    rows = np.flatnonzero(bit_of[s.code] >= 0)
    owner = np.searchsorted(s.starts, rows, side="right") - 1
    there = s.time[rows] == found.terminal_at[owner]
    outcome = np.full(len(found.entity), -1, np.int8)
    outcome[owner[there][::-1]] = bit_of[s.code[rows[there][::-1]]]
    return outcome


def _spread(plan: Plan, medians: list[float | None]) -> tuple[float | None, ...]:
    """Medians of the mandatory steps, at the places of all steps; the first step and optional ones have
    none."""
    found: list[float | None] = [None] * plan.steps
    for bit, median in zip(mandatory_steps(plan)[1:], medians[1:], strict=True):
        found[bit] = median
    return tuple(found)


def _was_ok(batch: Batch) -> Bool:
    ok: Bool = pc.equal(batch.columns["outcome"].cast("string"), Outcome.OK.value).fill_null(False).to_numpy()
    return ok


def _conversion(outcomes: TimesToOutcome, window_us: int) -> Estimate:
    return cumulative_incidence(outcomes.duration_us, outcomes.status, window_us)


Partial = TypeVar("Partial", FunnelPartial, FirstTouchPartial)


def part_of(partial: Partial, chosen: Bool) -> Partial:
    """The partial of some of its entities."""
    entities = partial.entities
    arrays: dict[str, Any] = {field.name: getattr(entities, field.name) for field in fields(entities)}
    kept: dict[str, Any] = {name: None if array is None else array[chosen] for name, array in arrays.items()}
    return replace(partial, entities=type(entities)(**kept))
