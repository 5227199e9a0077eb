"""The blueprint as a record: both sides of a journey, with live figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from django.utils.translation import gettext as _

from towpath.analytics import turns as clocks
from towpath.analytics.funnel import Class
from towpath.analytics.turns import TurnsResult
from towpath.foundation.access.actor import Actor
from towpath.journeys.measures.attempts import Met, measure_attempts
from towpath.journeys.measures.conduct import measure_turns
from towpath.journeys.measures.evidence import Evidence
from towpath.journeys.measures.fitting import measure_fit
from towpath.journeys.measures.funnel import FunnelFigures, FunnelMeasure, measure_funnel
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries.conduct import SECOND, party_of
from towpath.journeys.queries.fit import fit_of
from towpath.journeys.queries.funnels import conversion_of
from towpath.journeys.queries.journeys import evidence_of, newest_version
from towpath.journeys.queries.people import moment_of
from towpath.journeys.queries.standing import standing
from towpath.journeys.rules.definition import Definition, InsideItem, Step
from towpath.journeys.rules.durations import MICROSECONDS, microseconds
from towpath.journeys.rules.reading import definition_of
from towpath.journeys.schemas.blueprint import (
    Blueprint,
    BlueprintItem,
    BlueprintLane,
    BlueprintOutcome,
    BlueprintStep,
    TurnShare,
)

COLUMNS = ("outcome", "latency_ms", "channel", "type")


@dataclass(frozen=True)
class Figures:
    """What the picture is drawn from; `met` is per activity's bit."""

    definition: Definition
    funnel: FunnelFigures
    measure: FunnelMeasure
    met: list[Met]
    turns: TurnsResult


def blueprint(actor: Actor, key: str, selection: Selection) -> Blueprint:
    """The whole picture: what stands, or computed. Raises NoSuchJourney, and ValueError for what the
    selection cannot ask."""
    selection, version = replace(selection, by=""), newest_version(actor, key)
    stands = standing(actor, version, selection, Blueprint)
    if stands is None:
        return blueprint_in(evidence_of(actor, key), selection)
    return _worded(stands, definition_of(version.definition))


def blueprint_in(evidence: Evidence, selection: Selection) -> Blueprint:
    """The picture, computed. Raises ValueError for what the selection cannot ask."""
    evidence = evidence.held(COLUMNS)
    found = _figures(evidence, selection)
    definition = found.definition
    entries = found.measure.levels.entities.first_entry
    entered = entries[entries >= 0]
    return Blueprint(
        journey=definition.key,
        name=definition.name,
        description=definition.description,
        version=evidence.plan.version,
        follows=definition.follows,
        as_of=evidence.as_of,
        first_entry=moment_of(int(entered.min())) if len(entered) else None,
        window_seconds=found.measure.levels.spec.window_us / SECOND,
        entered=found.funnel.entered,
        conversion=conversion_of(found.funnel.conversion),
        steps=tuple(_step(found, place) for place in range(len(definition.steps))),
        lanes=tuple(_lanes(found, evidence.plan.keys)),
        turns=_turn_shares(definition, [(turn.party, turn.total_us) for turn in found.turns.turns]),
        outcomes=tuple(_outcomes(found)),
        fit=fit_of(evidence, measure_fit(evidence)),
    )


def _figures(evidence: Evidence, selection: Selection) -> Figures:
    measure = measure_funnel(evidence, selection)
    assert evidence.plan.definition is not None  # noqa: S101 - the evidence is a journey's
    return Figures(
        definition=evidence.plan.definition,
        funnel=measure.figures(),
        measure=measure,
        met=measure_attempts(evidence, selection),
        turns=clocks.finish(measure_turns(evidence, selection), evidence.as_of_us),
    )


def _step(found: Figures, place: int) -> BlueprintStep:
    step, counts, met = found.definition.steps[place], found.funnel.steps[place], found.met[place]
    following = _following(found.definition.steps, place)
    onward = found.funnel.steps[following].reached if following is not None else None
    return BlueprintStep(
        key=step.key,
        name=step.name,
        stage=step.stage,
        channels=step.channels,
        touchpoint=step.touchpoint,
        value=step.value,
        sees=step.sees,
        moment_of_truth=step.moment_of_truth,
        feels_score=step.feels.score if step.feels else None,
        feels_word=step.feels.word if step.feels else "",
        target_ms=microseconds(step.target) / MICROSECONDS["ms"] if step.target else None,
        reached=counts.reached,
        completed=counts.completed,
        open=counts.open,
        finished_otherwise=counts.finished_otherwise,
        lost=counts.lost,
        went_on=onward / counts.reached if onward is not None and counts.reached else None,
        median_seconds_to_next=found.funnel.medians[following] if following is not None else None,
        attempts=met.attempts,
        measured=met.measured,
        bad=met.bad,
        median_latency_ms=met.median_latency_ms,
        turns=_turn_shares(
            found.definition, [(turn.party, turn.by_step_us[place]) for turn in found.turns.turns]
        ),
    )


def _following(steps: Sequence[Step], place: int) -> int | None:
    """The next step that may not be passed over."""
    return next((later for later in range(place + 1, len(steps)) if not steps[later].optional), None)


def _turn_shares(definition: Definition, spent: Sequence[tuple[int | None, int]]) -> tuple[TurnShare, ...]:
    """Those who had any of the time, in the order of the parties."""
    total = sum(us for _party, us in spent)
    shares = []
    for index, us in spent:
        if us:
            party, name, kind = party_of(definition, index)
            shares.append(TurnShare(party, name, kind, us / SECOND, us / total))
    return tuple(shares)


def _lane_rows(definition: Definition) -> list[tuple[str, str, str]]:
    """Lane, key of the department, and name in the reader's language."""
    rows: list[tuple[str, str, str]] = [("front_stage", "", _("Front stage"))]
    for department in definition.departments:
        name = _("Back stage: %(department)s") % {"department": department.name}
        rows.append(("back_stage", department.key, name))
    return [*rows, ("services", "", _("Services")), ("components", "", _("Components"))]


def _lanes(found: Figures, keys: Sequence[str]) -> list[BlueprintLane]:
    """Front stage, back stage by department, services, components; lanes without items are left out."""
    definition = found.definition
    lanes = []
    for lane, department_key, name in _lane_rows(definition):
        items = [
            item
            for item in definition.inside
            if item.lane == lane and (lane != "back_stage" or item.department == department_key)
        ]
        if items:
            shown = tuple(_item(item, found, keys) for item in items)
            lanes.append(BlueprintLane(lane, department_key, name, shown))  # type: ignore[arg-type]
    return lanes


def _item(item: InsideItem, found: Figures, keys: Sequence[str]) -> BlueprintItem:
    met = found.met[keys.index(item.key)] if item.match else None
    return BlueprintItem(
        key=item.key,
        name=item.name,
        lane=item.lane,
        department=item.department,
        behind=item.behind,
        events=met.attempts if met else None,
        entities=met.entities if met else None,
    )


def _outcomes(found: Figures) -> list[BlueprintOutcome]:
    """How many finished otherwise with each outcome."""
    finished = found.measure.classes() == Class.FINISHED_OTHERWISE
    first = len(found.definition.steps)
    counts = np.bincount(
        found.measure.outcome[finished].astype(np.int64), minlength=first + len(found.definition.outcomes)
    )
    return [
        BlueprintOutcome(outcome.key, outcome.name, outcome.kind, int(counts[first + place]))
        for place, outcome in enumerate(found.definition.outcomes)
    ]


def _worded(found: Blueprint, definition: Definition) -> Blueprint:
    """What stands, in the words of the reader's language."""
    lanes = {(lane, department): name for lane, department, name in _lane_rows(definition)}
    return msgspec.structs.replace(
        found,
        lanes=tuple(
            msgspec.structs.replace(each, name=lanes[each.lane, each.department]) for each in found.lanes
        ),
        turns=_turns_worded(found.turns, definition),
        steps=tuple(
            msgspec.structs.replace(each, turns=_turns_worded(each.turns, definition)) for each in found.steps
        ),
    )


def _turns_worded(turns: Sequence[TurnShare], definition: Definition) -> tuple[TurnShare, ...]:
    """The customer and nobody have names in every language; departments and suppliers have their own."""
    places = {key: place for place, key in enumerate(definition.parties())}
    return tuple(
        msgspec.structs.replace(each, name=party_of(definition, places.get(each.party))[1]) for each in turns
    )
