"""The rule that holds findings against planted causes, on cases made by hand; and the whole once, small."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from towpath.improvement.schemas.findings import Detected, Estimate, Onset, Where
from towpath.site.demo.truth import Effect, Planted

TRUTH = Path(__file__).parents[2] / "truth"
sys.path.insert(0, str(TRUTH))
from matching import holds, matches, names_trap, wilson  # noqa: E402

EFFECT = Effect(
    faults=0, frustrated=40, lost=10, lost_last_week=5, people=50, ruined_days=80, ruined_days_per_week=20.0,
    ruined_days_last_week=20, missing_customers=0, missed=0, money=0.0, contacts=0,
)  # fmt: skip
SLOW = Planted(
    kind="slow_dependency", target="meter-registry", symptom="slow", trap=False, size=1.0, journeys=("join",),
    steps=("join.address",), service="", component="meter-registry", change="", version="", topic="",
    segment={}, hours=(18, 22), onset=datetime(2026, 10, 26, tzinfo=UTC),
    end=datetime(2026, 11, 23, tzinfo=UTC), effect=EFFECT,
)  # fmt: skip
DAY = date(2026, 10, 27)
FOUND = Detected(
    journey="join", step="address", culprit="component=meter-registry", family="slow", kinds=("slow",),
    where=Where("join", "Join", "address", "Address", component="meter-registry"),
    last_day=date(2026, 11, 22), met=30, beyond=Estimate(6, 4, 8), touched=30, share=0.1, alone=20,
    ruined_days=Estimate(18, 14, 22), cost=None, since=Onset(DAY, DAY, DAY), cause=None, level="remove_cause",
    first_step="", score=18.0,
)  # fmt: skip


def _at(hours: tuple[int, int] | None = None, **segment: str) -> Detected:
    where = Where("join", "Join", "address", "Address", segment=segment, hours=hours)
    return replace(FOUND, where=where)


def test_step_symptom_component_and_onset_make_a_match() -> None:
    assert matches(FOUND, SLOW)


def test_another_step_or_symptom_or_component_is_no_match() -> None:
    assert not matches(replace(FOUND, step="sign"), SLOW)
    assert not matches(replace(FOUND, journey="move"), SLOW)
    assert not matches(replace(FOUND, family="loss", kinds=("loss",)), SLOW)
    assert not matches(_at(), SLOW)


def test_a_symptom_that_was_merged_into_another_is_told() -> None:
    assert matches(replace(FOUND, family="fault", kinds=("fault", "slow")), SLOW)


def test_an_onset_further_than_two_days_away_or_none_is_no_match() -> None:
    near, far = date(2026, 10, 24), date(2026, 10, 23)
    assert matches(replace(FOUND, since=Onset(near, near, near)), SLOW)
    assert not matches(replace(FOUND, since=Onset(far, far, far)), SLOW)
    assert not matches(replace(FOUND, since=None), SLOW)


def test_hours_match_when_more_than_half_is_shared() -> None:
    assert matches(_at((18, 24)), SLOW)
    assert not matches(_at((14, 22)), SLOW)
    assert matches(_at((23, 2)), replace(SLOW, hours=(22, 2)))


def test_a_segment_matches_when_all_of_it_is_told() -> None:
    lossy = replace(SLOW, kind="lossy_step", symptom="loss", component="", segment={"channel": "phone"})
    loss = {"family": "loss", "kinds": ("loss",)}
    assert matches(replace(_at(channel="phone", region="islands"), **loss), lossy)
    assert not matches(replace(_at(region="islands"), **loss), lossy)


def test_a_release_is_told_by_its_change_or_its_version() -> None:
    release = replace(SLOW, kind="bad_release", component="app", change="CHG-1", version="4.12.0")
    changed = replace(FOUND, where=replace(FOUND.where, component="", change="app 4.12.0"))
    assert matches(changed, release)
    assert not matches(changed, replace(release, version="4.13.0"))


def test_an_outage_is_found_at_any_step_of_its_journeys() -> None:
    outage = replace(SLOW, kind="total_outage", symptom="missing", component="", hours=(0, 24))
    hole = replace(FOUND, step="sign", family="missing", kinds=("missing",))
    assert matches(hole, outage)
    assert not matches(replace(hole, journey="pay"), outage)


def test_grave_harm_needs_no_onset() -> None:
    grave = replace(SLOW, kind="rare_grave", symptom="grave", component="")
    assert matches(replace(FOUND, family="grave", kinds=("grave",), since=None), grave)


def test_a_trap_is_named_at_its_step_whatever_is_blamed() -> None:
    evening = replace(SLOW, kind="confounded_evening", symptom="loss", component="", trap=True)
    assert names_trap(FOUND, evening)
    assert not names_trap(replace(FOUND, step="sign"), evening)
    desk = replace(evening, kind="loud_group", symptom="contacts", steps=())
    assert names_trap(replace(FOUND, family="contact"), desk)
    assert not names_trap(FOUND, desk)


def test_intervals_are_held_against_the_last_week_and_added_for_one_cause() -> None:
    assert holds([FOUND], SLOW) is True
    assert holds([replace(FOUND, ruined_days=Estimate(15, 12, 18))], SLOW) is False
    assert holds([replace(FOUND, ruined_days=Estimate(10, 9, 11))] * 2, SLOW) is True
    assert holds([FOUND], replace(SLOW, symptom="loss")) is True
    assert holds([FOUND], replace(SLOW, symptom="missing")) is None
    assert holds([], SLOW) is None


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_small_run_goes_from_scenario_to_table(tmp_path: Path) -> None:
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    for name in ("bad-release", "quiet"):
        (scenarios / f"{name}.yaml").write_text((TRUTH / "scenarios" / f"{name}.yaml").read_text())
    command = [sys.executable, TRUTH / "run.py", "--quick", "--scenarios", scenarios]
    done = subprocess.run(
        [*command, "--json", tmp_path / "out.json"], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.startswith("2 runs")
    assert "| planted causes in the top five | 100 % (21 to 100; 1 of 1) | 95 % |" in done.stdout
    assert {case["scenario"] for case in json.loads((tmp_path / "out.json").read_text())} == {
        "bad-release",
        "quiet",
    }
