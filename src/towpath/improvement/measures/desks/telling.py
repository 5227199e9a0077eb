"""A desk's trouble told as the record that home, pages and `--json` show."""

from __future__ import annotations

import numpy as np

from towpath.improvement.measures.desks.seen import DeskTrouble
from towpath.improvement.measures.local_time import date_of
from towpath.improvement.measures.weighing import WEEKS
from towpath.improvement.rules.causes import Family
from towpath.improvement.rules.first_steps import FirstStep, Level
from towpath.improvement.rules.pricing import Prices
from towpath.improvement.schemas.findings import Cost, Detected, Signal, Where

FIRST: dict[Family, FirstStep] = {
    Family.REPEAT: "solve_for_good",
    Family.HANDOVER: "agree_who",
    Family.SHIFT: "shift_work",
    Family.EMERGING: "look_at_topic",
}
LEVELS: dict[str, Level] = {"self_service": "self_service", "tier_1": "tier_1", "tier_2": "tier_2"}


def told_of_desk(trouble: DeskTrouble, prices: Prices) -> Detected:
    """The record of one trouble. Its days are no part of the journeys' bar of ruined days: many a contact is
    a ruined day there already."""
    seen, evidence = trouble.seen, trouble.evidence
    cost = None if trouble.cost is None else Cost(None, trouble.cost, None, seen.rates.currency)
    weeks = weeks_of(trouble)
    removed = evidence.to == "remove"
    return Detected(
        journey="",
        step="",
        culprit=trouble.culprit,
        family=trouble.family.value,
        kinds=(trouble.family.value, *(each.value for each in trouble.folded)),
        where=where_of_desk(trouble),
        last_day=date_of(seen.last_day),
        met=_met(trouble),
        beyond=trouble.excess,
        touched=weeks[-1],
        share=0.0,
        alone=0.0,
        ruined_days=trouble.ruined,
        cost=cost,
        since=trouble.since,
        cause=None,
        level=LEVELS.get(evidence.to, "remove_cause"),
        first_step="end_demand" if removed else FIRST[trouble.family],
        score=trouble.ruined.value + (cost.total / prices.day if cost else 0.0),
        weeks=weeks,
        signals=(signal_of(trouble),),
        desk=evidence,
    )


def signal_of(trouble: DeskTrouble) -> Signal:
    """What the desk's detector says, customers a week in the place of days."""
    return Signal(trouble.detector, trouble.excess, trouble.q, trouble.culprit)


def where_of_desk(trouble: DeskTrouble) -> Where:
    seen = trouble.seen
    return Where(
        journey="",
        journey_name="",
        step="",
        step_name="",
        service=seen.named("service", trouble.mask),
        component=seen.named("component", trouble.mask),
        desk=seen.name,
        topic=trouble.topic,
        teams=trouble.teams,
    )


def weeks_of(trouble: DeskTrouble) -> tuple[float, ...]:
    """Customer-days with such a ticket, in each of the last weeks; oldest first."""
    seen = trouble.seen
    back = (seen.last_day - seen.day) // 7
    mine = np.flatnonzero(trouble.mask & (back >= 0) & (back < WEEKS))
    _who, customer = np.unique(seen.customer[mine], return_inverse=True)
    days = 7 * WEEKS
    pairs = np.unique(customer * days + seen.last_day - seen.day[mine])
    counts = np.bincount(pairs % days // 7, minlength=WEEKS)
    return tuple(float(count) for count in counts[::-1].tolist())


def _met(trouble: DeskTrouble) -> int:
    """Distinct customers of the last seven days."""
    seen = trouble.seen
    recent = trouble.mask & (seen.day > seen.last_day - 7)
    return len(np.unique(seen.customer[recent]))
