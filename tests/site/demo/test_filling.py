"""`towpath demo` fills an empty home as any source would, and no other."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from django.core.exceptions import PermissionDenied

from towpath.events.store import lake
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.outbox.models import OutboxMessage
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries.funnels import funnel
from towpath.site.cli import run
from towpath.site.demo.company.landscape import DESK, JOURNEYS, PIPELINE, SOURCES
from towpath.site.demo.company.running import run_company
from towpath.site.demo.company.tables import events_of
from towpath.site.demo.filling import NotEmpty, enveloped, fill_home
from towpath.site.demo.scenario import Size, read_scenario

pytestmark = pytest.mark.django_db
SMALL = ["demo", "--days", "14", "--customers", "120", "--until", "2026-11-23", "--scenario"]
SCENARIO = "name: Small\ncauses:\n  - {kind: lossy_step, target: join.identify, from: -7d}\n"


def small_company() -> pa.Table:
    """The events that the command makes with `SMALL` and `SCENARIO`."""
    size = Size(seed=1, days=14, customers=120, until=datetime(2026, 11, 23, tzinfo=UTC))
    return events_of(run_company(read_scenario(SCENARIO, "s.yaml", size).plan))


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(SCENARIO)
    return file


def test_it_fills_an_empty_home_and_writes_what_was_planted(
    tmp_home: Home, scenario: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = tmp_path / "truth.json"
    assert run([*SMALL, str(scenario), "--truth", str(truth), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    held = lake().snapshot()
    assert held.rows == told["events"] == sum(told["sources"].values()) > 300
    assert set(told["sources"]) == {*SOURCES, DESK, PIPELINE}
    assert AuditEntry.objects.filter(verb="demo.filled").count() == 1
    absorbed = OutboxMessage.objects.filter(announcement__endswith="EventsAbsorbed")
    assert {message.body["source"] for message in absorbed} == set(told["sources"])
    for key in JOURNEYS:
        assert funnel(OPERATOR, key, Selection()).entered > 0
    (cause,) = json.loads(truth.read_text())["causes"]
    assert cause["onset"] == "2026-11-16T00:00:00Z"


def test_who_joined_is_one_customer_from_the_first_click_on(tmp_home: Home, scenario: Path) -> None:
    assert run([*SMALL, str(scenario)]) == 0
    events = small_company()
    ways = "select count(distinct key) as stories, count(distinct identifier) as names from events"
    expected = enveloped(events, joined=True)
    found = lake().snapshot().query(f"{ways} where identifier is not null").to_pylist()[0]
    named = expected.filter(pc.is_valid(expected["identifier"]))
    assert found["stories"] == len(named["key"].unique()) < found["names"]
    assert found["names"] == len(events["identifier"].drop_null().unique())


def test_a_home_that_holds_events_is_left_alone(
    tmp_home: Home, scenario: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*SMALL, str(scenario)]) == 0
    held = lake().snapshot().rows
    capsys.readouterr()
    assert run([*SMALL, str(scenario), "--seed", "2"]) == 2
    told = capsys.readouterr().err
    assert f"already holds {held:,} events" in told
    assert "TOWPATH_HOME" in told
    assert lake().snapshot().rows == held


def test_a_scenario_that_is_wrong_leaves_the_home_empty(
    tmp_home: Home, scenario: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario.write_text(SCENARIO.replace("lossy_step", "lossy_stop"))
    assert run([*SMALL, str(scenario)]) == 2
    assert "small.yaml, line 3" in capsys.readouterr().err
    assert lake().snapshot().rows == 0


def test_nobody_fills_a_home_without_leave_to_write_events(tmp_home: Home) -> None:
    with pytest.raises(PermissionDenied):
        fill_home(ANONYMOUS, small_company())
    assert lake().snapshot().rows == 0


def test_a_second_company_finds_no_room(tmp_home: Home) -> None:
    events = small_company()
    assert fill_home(OPERATOR, events).events == events.num_rows
    with pytest.raises(NotEmpty, match="a home of its own"):
        fill_home(OPERATOR, events)
