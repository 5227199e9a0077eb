"""What customers meet through items of the estate: the steps that these carry, and what a step hangs on."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import msgspec
import numpy as np
import numpy.typing as npt
from django.core.cache import cache

from towpath.estate.schemas.carrying import Carrying, StepThrough
from towpath.events.lake import Snapshot
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.improvement.measures.through import Met, met
from towpath.improvement.queries.looks import plans
from towpath.journeys.measures.evidence import Evidence, microseconds_of
from towpath.journeys.measures.plan import Plan
from towpath.journeys.rules.definition import Definition
from towpath.journeys.rules.permissions import READ_JOURNEYS

WEEK = timedelta(days=7)
KEPT_S = 24 * 3_600
DRAWN_LANES = ("services", "components")
Int64 = npt.NDArray[np.int64]


def carried(actor: Actor, names: Collection[str]) -> Carrying | None:
    """The steps that services and components of these names carry; None where the actor may not see journeys,
    or no event has come in. Kept until an event comes in or a journey changes."""
    if not actor.may(READ_JOURNEYS):
        return None
    snapshot = lake().snapshot()
    until = max(snapshot.watermarks().values(), default=None)
    if until is None:
        return None
    known = plans()
    key = _key(snapshot, known, names)
    kept = cache.get(key)
    if kept is not None:
        return msgspec.json.decode(kept, type=Carrying)
    found = _carried(snapshot, known, frozenset(names), until)
    cache.set(key, msgspec.json.encode(found), KEPT_S)
    return found


def _key(snapshot: Snapshot, known: Iterable[Plan], names: Collection[str]) -> str:
    parts = [str(snapshot.version), *(f"{plan.name} {plan.version}" for plan in known), *sorted(names)]
    return "carried-" + hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _carried(snapshot: Snapshot, known: list[Plan], names: frozenset[str], until: datetime) -> Carrying:
    since = microseconds_of(until - WEEK)
    steps: list[StepThrough] = []
    customers: list[Int64] = [np.zeros(0, np.int64)]
    cases = 0
    for plan in known:
        if plan.definition is None:
            continue
        hurt = []
        for found in met(Evidence(plan, snapshot), names, since):
            drawn = drawn_behind(plan.definition, plan.definition.steps[found.step].key) & names
            if drawn or found.meeting.size:
                hurt.append(found.attempting if drawn else found.meeting)
                steps.append(_step(plan.definition, found, drawn))
        distinct = np.unique(np.concatenate([np.zeros(0, np.int64), *hurt]))
        if plan.follows == "customer":
            customers.append(distinct)
        else:
            cases += distinct.size
    steps.sort(key=lambda one: (-one.customers_a_week, one.journey, one.step))
    return Carrying(until, int(np.unique(np.concatenate(customers)).size) + cases, tuple(steps))


def drawn_behind(definition: Definition, step: str) -> frozenset[str]:
    """Keys of the services and components that the journey's own picture has behind the step."""
    return frozenset(
        each.key for each in definition.inside if each.lane in DRAWN_LANES and step in each.behind
    )


def _step(definition: Definition, found: Met, drawn: frozenset[str]) -> StepThrough:
    step = definition.steps[found.step]
    return StepThrough(
        journey=definition.key,
        journey_name=definition.name,
        step=step.key,
        step_name=step.name,
        moment_of_truth=step.moment_of_truth,
        customers_a_week=int((found.attempting if drawn else found.meeting).size),
        named=int(found.meeting.size),
        attempting=int(found.attempting.size),
        through=tuple(sorted(found.names | drawn)),
    )
