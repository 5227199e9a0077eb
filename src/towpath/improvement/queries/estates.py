"""What the estate tells of customers' trouble to come."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from towpath.estate.queries import weak
from towpath.estate.queries.exposures import late
from towpath.estate.schemas.exposures import ExposureShown
from towpath.events.lake import Snapshot
from towpath.foundation.access.actor import OPERATOR
from towpath.improvement.measures.estates.choosing import managed_by_nobody, past_deadline, without_stand_in
from towpath.improvement.measures.estates.seen import EstateTrouble, StepMet, Week
from towpath.improvement.measures.through import met_by_name
from towpath.improvement.queries.looks import harm_in_force, plans
from towpath.improvement.queries.through import WEEK, drawn_behind
from towpath.journeys.measures.evidence import Evidence, microseconds_of


def troubles_of_estate(snapshot: Snapshot) -> list[EstateTrouble]:
    """Things that much hangs on and nothing stands in for, weak libraries past their day, and what nobody
    manages. Raises DocumentError where the home's harm.yaml cannot be read."""
    if not weak.holds_anything(OPERATOR):
        return []
    week, today, harm = week_of(snapshot), timezone.localdate(), harm_in_force()
    exposed = late(OPERATOR)
    found = [
        *past_deadline(exposed, {each.id: _falls(each) for each in exposed}, week, today),
        *managed_by_nobody(weak.unmanaged(OPERATOR), week, today),
    ]
    if week is None:
        return found
    return [
        *without_stand_in(weak.stand_alone(OPERATOR, week.names).items, week, today, harm),
        *found,
    ]


def _falls(each: ExposureShown) -> list[str]:
    return weak.falling_with(OPERATOR, [each.item if each.carrier is None else each.carrier])


def week_of(snapshot: Snapshot) -> Week | None:
    """Who met what in the last seven days; None where nothing has come in."""
    until = max(snapshot.watermarks().values(), default=None)
    return Week(until, tuple(_steps(snapshot, microseconds_of(until - WEEK)))) if until else None


def _steps(snapshot: Snapshot, since_us: int) -> Iterator[StepMet]:
    for plan in plans():
        if plan.definition is None:
            continue
        named = met_by_name(Evidence(plan, snapshot), since_us)
        for step, each in zip(plan.definition.steps, named, strict=True):
            yield StepMet(
                journey=plan.definition.key,
                journey_name=plan.definition.name,
                step=step.key,
                step_name=step.name,
                cases=plan.follows != "customer",
                attempting=each.attempting,
                by_name=each.by_name,
                drawn=drawn_behind(plan.definition, step.key),
            )
