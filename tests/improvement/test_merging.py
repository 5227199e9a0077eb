"""What is one trouble and what is two, and under which key it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np

from towpath.improvement.measures.descriptions import Description
from towpath.improvement.measures.merging import Known, merged, with_known_keys
from towpath.improvement.measures.troubles import Bad, Trouble
from towpath.improvement.rules.causes import Family
from towpath.improvement.schemas.findings import Estimate, Onset, Signal

STEPS = (SimpleNamespace(key="open"), SimpleNamespace(key="pay"))
ORDER: Any = SimpleNamespace(plan=SimpleNamespace(name="order"), steps=STEPS)
RETURN: Any = SimpleNamespace(plan=SimpleNamespace(name="return"), steps=STEPS)


def onset(day: int, low: int | None = None, high: int | None = None) -> Onset:
    return Onset(date(2026, 11, day), date(2026, 11, low or day), date(2026, 11, high or day))


def trouble(family: Family, *values: tuple[str, str], excess: float = 10.0, **given: Any) -> Trouble:
    made = Trouble(
        journey=ORDER,
        step=1,
        family=family,
        description=Description(values),
        bad=Bad(np.array([1]), np.array([20_000], np.int32), np.array([0])),
        excess=excess,
        error=1.0,
        signals=(Signal(family.value, Estimate(excess, 0, 20), 0.01),),
        kinds=(family.value,),
        onset=onset(10),
    )
    return replace(made, **given)


def test_slow_and_failing_at_one_component_is_one_trouble() -> None:
    slow = trouble(Family.SLOW, ("component", "gateway"), excess=4.0)
    failing = trouble(Family.FAULT, ("component", "gateway"))
    (only,) = merged([slow, failing])
    assert only.kinds == ("fault", "slow")
    assert only.excess == 14.0
    assert len(only.signals) == 2


def test_two_components_of_a_step_are_two_troubles() -> None:
    both = [trouble(Family.FAULT, ("component", name)) for name in ("gateway", "ledger")]
    assert len(merged(both)) == 2


def test_a_loss_that_began_with_a_fault_folds_into_it() -> None:
    fault = trouble(Family.FAULT, ("component", "gateway"))
    loss = trouble(Family.LOSS, ("channel", "app"), excess=50.0, onset=onset(12))
    (only,) = merged([loss, fault])
    assert only.family is Family.FAULT
    assert only.excess == 10.0
    assert only.folded == (loss.key,)


def test_a_loss_that_began_at_another_time_stands_alone() -> None:
    fault = trouble(Family.FAULT, ("component", "gateway"))
    loss = trouble(Family.LOSS, ("channel", "app"), onset=onset(25, 24, 26))
    assert len(merged([loss, fault])) == 2


def test_one_component_at_two_steps_is_two_troubles_beside_each_other() -> None:
    here, there = (trouble(Family.SLOW, ("component", "ledger"), step=step) for step in (0, 1))
    found = merged([here, there])
    assert [each.together[0].name for each in found] == ["ledger", "ledger"]


def test_holes_of_the_same_hours_in_two_journeys_are_one_outage() -> None:
    hours = Description((), (13, 15))
    one = trouble(Family.MISSING, description=hours)
    other = trouble(Family.MISSING, description=hours, journey=RETURN, excess=5.0)
    (only,) = merged([one, other])
    assert only.excess == 15.0


def test_a_trouble_that_is_told_otherwise_today_keeps_its_key() -> None:
    hours = trouble(Family.SLOW, description=Description((), (18, 22)))
    component = trouble(Family.SLOW, ("component", "ledger"), onset=onset(11))
    (only,) = with_known_keys([component], [Known(hours.key, hours.onset)])
    assert only.key == hours.key
    assert only.component == "ledger"


def test_a_change_never_takes_over_the_key_of_another_trouble() -> None:
    hours = trouble(Family.FAULT, description=Description((), (18, 22)))
    change = trouble(Family.FAULT, ("version", "2.0"))
    (only,) = with_known_keys([change], [Known(hours.key, hours.onset)])
    assert only.key == change.key


def test_hours_that_move_a_little_keep_the_key() -> None:
    keys = {trouble(Family.SLOW, description=Description((), hours)).key for hours in ((18, 22), (17, 22))}
    assert [key.culprit for key in keys] == ["hours=18-22"]
