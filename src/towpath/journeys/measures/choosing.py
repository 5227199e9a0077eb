"""Who stands behind a number: the entities that a figure counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from towpath.analytics import after_loss, variants
from towpath.analytics.funnel import Class
from towpath.analytics.instances import CONVERTED, TERMINAL, UNENDED
from towpath.analytics.kernels.detours import BACK, HOP, REPEAT
from towpath.journeys.measures.conduct import measure_after_loss, measure_friction
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.funnel import FunnelMeasure, measure_funnel
from towpath.journeys.measures.loss import attempts
from towpath.journeys.measures.paths import entities_of_edge, groups, variants_of
from towpath.journeys.measures.selection import Selection

State = Literal["", "reached", "completed", "went_on", "open", "finished_otherwise", "lost", "converted"]
Detour = Literal["", "repeats", "backs", "hops"]
CLASSES = {
    "converted": Class.CONVERTED,
    "open": Class.OPEN,
    "finished_otherwise": Class.FINISHED_OTHERWISE,
    "lost": Class.LOST,
}
STATES = {
    int(Class.NOT_ENTERED): "not_entered",
    **{int(kind): name for name, kind in CLASSES.items()},
}
ENDS = {"converted": CONVERTED, "finished_otherwise": TERMINAL, "lost": UNENDED}
KINDS = {"repeats": REPEAT, "backs": BACK, "hops": HOP}
NOTHING = "(nothing)"
Bool = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Choice:
    """Which number was opened. Every part that is set narrows; keys are those of the journey's activities.

    `step` with `state`: the funnel's figures (states but "reached", "completed" and "went_on" are of
    those whose furthest step it is; without a step, of all). "went_on": reached it, and is neither open,
    finished otherwise nor lost there. `followed`: only those who entered at least a window before
    as-of. `segment`: with the selection's `by`. `outcome`: finished otherwise with it. `edge`: directly
    followed. `variant`: went exactly so. `next`: what the lost at `step` did next. `detour` at `step`.
    `bad`: the journeys (instances) whose first attempt at `step` was a fault or frustrated, and with `state`
    those that ended so; the other parts narrow them by entity.
    """

    step: str = ""
    state: State = ""
    segment: str = ""
    outcome: str = ""
    edge: tuple[str, str] | None = None
    variant: tuple[str, ...] = ()
    next: str = ""
    detour: Detour = ""
    bad: bool = False
    followed: bool = False


@dataclass(frozen=True, eq=False)
class Chosen:
    """The chosen entities, latest entry first; `entry` UTC microseconds (-1 without), `level` from 1,
    `state` by name. With `Choice.bad` one place a journey: an entity with several such journeys comes up as
    often."""

    entity: Int64
    entry: Int64
    level: npt.NDArray[np.int8]
    state: tuple[str, ...]


def choose(evidence: Evidence, selection: Selection, choice: Choice, of: int) -> Chosen:
    """The entities behind the number; `of`: mask of the activities that edges and variants look at.

    Raises ValueError for a key that the journey does not have.
    """
    if choice.bad:
        return _choose_attempts(evidence, selection, choice, of)
    measure = measure_funnel(evidence, selection)
    found = measure.levels.entities
    kept = _in_funnel(measure, choice)
    for others in _elsewhere(evidence, selection, choice, of):
        kept &= np.isin(found.entity, others)
    places = np.flatnonzero(kept)
    places = places[np.argsort(-found.entry[places], kind="stable")]
    state = measure.classes()[places]
    return Chosen(
        found.entity[places],
        found.entry[places],
        found.level[places],
        tuple(STATES[int(kind)] for kind in state),
    )


def _choose_attempts(evidence: Evidence, selection: Selection, choice: Choice, of: int) -> Chosen:
    step = _bit(evidence.plan.keys[: evidence.plan.steps], choice.step)
    tried = attempts(evidence, selection).steps[step]
    kept = tried.bad.copy()
    if choice.state not in ("", "reached"):
        # Nobody is open who was followed to the end, and a journey is not completed, it is converted.
        kept &= tried.end == ENDS.get(choice.state, -1)
    at_step = choice.step if choice.next or choice.detour else ""
    others = replace(choice, bad=False, state="", step=at_step)
    if others != Choice():
        kept &= np.isin(tried.entity, choose(evidence, selection, others, of).entity)
    places = np.flatnonzero(kept)
    places = places[np.argsort(-tried.begin[places], kind="stable")]
    names = {end: name for name, end in ENDS.items()}
    return Chosen(
        tried.entity[places],
        tried.begin[places],
        tried.furthest[places] + np.int8(1),
        tuple(names[int(end)] for end in tried.end[places]),
    )


def choose_among_types(evidence: Evidence, selection: Selection, choice: Choice, of: int) -> Int64:
    """The same for a source without a journey: entities alone."""
    found = _elsewhere(evidence, selection, choice, of)
    if not found:
        return np.concatenate([batch.sequences.entities for batch in evidence.batches()])
    kept = found[0]
    for others in found[1:]:
        kept = np.intersect1d(kept, others)
    return kept


def _in_funnel(measure: FunnelMeasure, choice: Choice) -> Bool:
    found, classes = measure.levels.entities, measure.classes()
    kept = np.ones(len(found.entity), np.bool_)
    step = _bit(measure.plan.keys[: measure.plan.steps], choice.step) if choice.step else None
    if choice.state in CLASSES:
        kept &= classes == CLASSES[choice.state]
        if step is not None:
            kept &= found.level == step + 1
    elif step is not None:
        reached = (
            found.completed if choice.state == "completed" and found.completed is not None else found.reached
        )
        kept &= ((reached >> np.uint64(step)) & np.uint64(1)).astype(np.bool_)
        if choice.state == "went_on":
            kept &= (found.level != step + 1) | (classes == Class.CONVERTED)
    elif choice.state:
        kept &= found.level > 0
    if choice.followed:
        kept &= (found.level > 0) & (measure.as_of_us - found.entry >= measure.levels.spec.window_us)
    if choice.outcome:
        place = _bit(measure.plan.keys, choice.outcome)
        kept &= (classes == Class.FINISHED_OTHERWISE) & (measure.outcome == place)
    if choice.segment and measure.segments is not None:
        kept &= measure.segments.of == _bit(measure.segments.names, choice.segment)
    return kept


def _elsewhere(evidence: Evidence, selection: Selection, choice: Choice, of: int) -> list[Int64]:
    keys, found = evidence.plan.keys, []
    if choice.edge:
        source, target = (_bit(keys, key) for key in choice.edge)
        found.append(entities_of_edge(evidence, selection, of, source, target))
    if choice.variant:
        everyone = next(groups(evidence, selection))
        whole = variants_of(evidence, everyone, selection, of)
        found.append(variants.entities_of_variant(whole, [_bit(keys, key) for key in choice.variant]))
    if choice.next:
        after = measure_after_loss(evidence, selection)
        bit = -1 if choice.next == NOTHING else _bit(keys, choice.next)
        found.append(after_loss.entities_lost_to(after, evidence.as_of_us, _bit(keys, choice.step), bit))
    if choice.detour:
        found.append(_with_detour(evidence, selection, choice))
    return found


def _with_detour(evidence: Evidence, selection: Selection, choice: Choice) -> Int64:
    met = measure_friction(evidence, selection).entities
    steps = met.steps[:, KINDS[choice.detour]]
    if choice.step:
        steps = steps & np.uint64(1 << _bit(evidence.plan.keys, choice.step))
    found: Int64 = met.entity[steps != 0]
    return found


def _bit(keys: tuple[str, ...], key: str) -> int:
    if key not in keys:
        raise ValueError(f"There is no {key!r} here; there are {', '.join(keys)}.")
    return keys.index(key)
