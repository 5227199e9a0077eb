"""From a journey's step down to every item that it hangs on."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.http import Http404
from django.utils.translation import gettext as _

from towpath.estate.queries.beneath import beneath_all, items_named
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.improvement.measures.through import Met, met
from towpath.improvement.queries.looks import plans
from towpath.improvement.queries.through import WEEK, drawn_behind
from towpath.improvement.schemas.beneath import BehindStep, StepBeneath
from towpath.journeys.measures.evidence import Evidence, microseconds_of
from towpath.journeys.measures.plan import Plan
from towpath.journeys.rules.definition import Definition, Step
from towpath.journeys.rules.permissions import READ_JOURNEYS


def beneath(actor: Actor, journey: str, step: str) -> StepBeneath:
    """What the step hangs on. Raises Http404, PermissionDenied."""
    require(actor, READ_JOURNEYS)
    plan, definition, place = _meant(journey, step)
    found, until = _met(plan, place)
    drawn = drawn_behind(definition, step)
    names = drawn | (found.names if found else frozenset())
    known = items_named(actor, names)
    needed = [known[name] for name in sorted(drawn) if name in known]
    others = [known[name] for name in sorted(names - drawn) if name in known]
    below = beneath_all(actor, needed, others)
    shown = {each.id: each for each in below.named}
    return StepBeneath(
        journey=definition.key,
        journey_name=definition.name,
        step=step,
        step_name=definition.steps[place].name,
        as_of=until,
        customers_a_week=int(found.attempting.size) if found else 0,
        behind=tuple(
            BehindStep(name, name in drawn, shown.get(known.get(name, 0)))
            for name in sorted(names, key=lambda one: (one not in drawn, one))
        ),
        needs=below.needs,
        beneath=below.beneath,
        single_points=below.single_points,
        all_tried=below.all_tried,
        unavailable=below.unavailable,
    )


def _meant(journey: str, step: str) -> tuple[Plan, Definition, int]:
    for plan in plans():
        if plan.definition is not None and plan.definition.key == journey:
            return plan, plan.definition, _place(plan.definition.steps, step)
    raise Http404(_("There is no journey %(key)s.") % {"key": journey})


def _place(steps: Collection[Step], key: str) -> int:
    for place, step in enumerate(steps):
        if step.key == key:
            return place
    raise Http404(_("The journey has no step %(key)s.") % {"key": key})


def _met(plan: Plan, step: int) -> tuple[Met | None, datetime | None]:
    snapshot = lake().snapshot()
    until = max(snapshot.watermarks().values(), default=None)
    if until is None:
        return None, None
    return met(Evidence(plan, snapshot), None, microseconds_of(until - WEEK))[step], until
