"""The truth holds what was planted, and what a direct look at the events of both runs shows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from towpath.analytics.recognition import recognise
from towpath.events.envelope import EVENT_SCHEMA
from towpath.journeys.measures.plan import plan_of
from towpath.journeys.rules.durations import microseconds
from towpath.site.demo.company.landscape import STEPS
from towpath.site.demo.company.plan import DAY
from towpath.site.demo.company.running import Run, run_company
from towpath.site.demo.company.tables import events_of
from towpath.site.demo.definitions import definitions
from towpath.site.demo.filling import enveloped
from towpath.site.demo.scenario import USUAL, Scenario, Size, read_scenario
from towpath.site.demo.truth import Truth, targets_of, truth_of, write_truth

SIZE = Size(seed=5, days=84, customers=1_500, until=datetime(2026, 11, 23, tzinfo=UTC))


@pytest.fixture(scope="module")
def usual() -> tuple[Scenario, Run, Truth]:
    scenario = read_scenario(USUAL.read_text(), USUAL.name, SIZE)
    run = run_company(scenario.plan)
    return scenario, run, truth_of(scenario, definitions(), run)


def test_it_lists_every_planted_cause_in_its_place(usual: tuple[Scenario, Run, Truth]) -> None:
    _scenario, _run, truth = usual
    assert [cause.kind for cause in truth.causes] == [
        "bad_release", "slow_dependency", "lossy_step", "total_outage", "rare_grave", "loud_group",
        "knowledge_gap", "lookalike_topic", "handover_loop",
    ]  # fmt: skip
    release, slow, lossy, outage, grave, loud = truth.causes[:6]
    assert (release.component, release.steps, release.onset.hour) == ("mobile-app", ("pay.submit",), 9)
    assert release.change.startswith("CHG-")
    assert (release.symptom, release.segment) == ("fault", {"channel": "app"})
    assert slow.steps == ("join.address", "move.find_meter")
    assert (lossy.segment, lossy.effect.faults, lossy.effect.ruined_days) == ({"channel": "phone"}, 0, 0)
    assert lossy.effect.lost > 10
    assert (outage.service, len(outage.steps)) == ("channels", len(STEPS))
    assert outage.effect.missed > 0
    assert outage.effect.missing_customers > 0
    # Days on which money was taken twice, and those on which people first asked about it.
    assert 0 < grave.effect.faults <= grave.effect.ruined_days
    assert grave.effect.ruined_days <= grave.effect.faults + grave.effect.contacts
    assert (loud.trap, loud.effect.ruined_days, loud.effect.lost) == (True, 0, 0)
    assert loud.effect.contacts > 50
    assert [cause.trap for cause in truth.causes[:5]] == [False] * 5


def test_the_effect_of_a_bad_release_is_what_the_events_of_both_runs_show(
    usual: tuple[Scenario, Run, Truth],
) -> None:
    scenario, run, truth = usual
    tables = [events_of(run), events_of(run_company(scenario.plan.without(0)))]
    effect = truth.causes[0].effect
    assert effect.faults == _count(tables[0], "fault") - _count(tables[1], "fault") > 0
    assert effect.ruined_days == len(_ruined(tables[0]) - _ruined(tables[1])) - len(
        _ruined(tables[1]) - _ruined(tables[0])
    )
    last = run.plan.until - 7 * DAY
    assert effect.ruined_days_last_week == sum(
        1 for _who, day in _ruined(tables[0]) if day * DAY >= last
    ) - sum(1 for _who, day in _ruined(tables[1]) if day * DAY >= last)


def _count(events: pa.Table, outcome: str) -> int:
    return events.filter(pc.equal(events["outcome"], outcome)).num_rows


def _ruined(events: pa.Table) -> set[tuple[int, int]]:
    """Stories (joined as the customers' rules would) and days with a fault, a step slower than 4 T, or the
    first contact within three days of such."""
    targets = {
        step.match["type"]: 4 * microseconds(step.target) / 1000
        for journey in definitions().values()
        for step in journey.steps
    }
    known = enveloped(events, joined=True)
    columns = [known[name].to_pylist() for name in ("key", "type", "outcome", "latency_ms")]
    times = known["time"].cast(pa.int64()).to_pylist()
    found: set[tuple[int, int]] = set()
    last_bad: dict[int, int] = {}
    for time, key, kind, outcome, waited in sorted(
        zip(times, *columns, strict=True), key=lambda row: row[:2]
    ):
        if outcome == "fault" or (kind in targets and waited > targets[kind]):
            found.add((key, time // DAY))
            last_bad[key] = time
        elif kind == "contact.opened" and time - last_bad.pop(key, time - 4 * DAY) <= 3 * DAY:
            found.add((key, time // DAY))
    return found


def test_a_quiet_scenario_has_no_cause_and_an_effect_of_size_nothing_is_none() -> None:
    quiet = read_scenario("name: Quiet\ncauses: []\n", "q.yaml", SIZE)
    assert truth_of(quiet, definitions(), run_company(quiet.plan)).causes == ()
    small = Size(seed=5, days=28, customers=300, until=SIZE.until, size=0.0)
    none = read_scenario("name: None\ncauses:\n  - {kind: lossy_step, target: pay.submit}\n", "n.yaml", small)
    (cause,) = truth_of(none, definitions(), run_company(none.plan)).causes
    effect = cause.effect
    assert (effect.people, effect.lost, effect.faults, effect.ruined_days, effect.money) == (0, 0, 0, 0, 0.0)


def test_a_larger_cause_does_more() -> None:
    lost = []
    for size in (0.25, 1.0, 2.0):
        sized = Size(seed=2, days=56, customers=1_000, until=SIZE.until, size=size)
        text = "name: Lossy\ncauses:\n  - {kind: lossy_step, target: join.address}\n"
        scenario = read_scenario(text, "l.yaml", sized)
        (cause,) = truth_of(scenario, definitions(), run_company(scenario.plan)).causes
        lost.append(cause.effect.lost)
    assert lost[0] < lost[1] < lost[2]


def test_it_is_written_as_json_that_names_its_run(usual: tuple[Scenario, Run, Truth], tmp_path: Path) -> None:
    _scenario, _run, truth = usual
    write_truth(tmp_path / "truth.json", truth)
    found = json.loads((tmp_path / "truth.json").read_text())
    assert (found["seed"], found["days"], found["until"]) == (5, 84, "2026-11-23T00:00:00Z")
    assert found["causes"][1]["hours"] == [18, 22]


def test_the_journeys_rules_recognise_all_step_events_and_no_step_is_without_a_target(
    usual: tuple[Scenario, Run, Truth],
) -> None:
    events = enveloped(events_of(usual[1]))
    assert events.schema.equals(EVENT_SCHEMA)
    recognised = 0
    for definition in definitions().values():
        types = [step.match["type"] for step in definition.steps]
        inside = events.filter(pc.is_in(events["type"], pa.array(types)))
        found = recognise(inside, plan_of(definition, 1).rules)
        assert (found.masks[found.codes] != 0).all()
        recognised += inside.num_rows
    steps = pc.is_in(events["type"], pa.array([step.type for step in STEPS]))
    assert recognised == pc.sum(steps).as_py()
    assert (targets_of(definitions()) > 0).all()
