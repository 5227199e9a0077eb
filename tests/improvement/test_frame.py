"""What the detectors look at: local days, customers of cases, and only the journey's own events."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_weeks import JOURNEY, UNTIL, Weeks, event, fill, put_in

from towpath.events.envelope import case_key, subject_key
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.home import Home
from towpath.improvement.measures.frame import Frame, frame_of
from towpath.improvement.measures.local_time import HOUR_US, day_number, local_us, microseconds_of, start_of
from towpath.improvement.queries.looks import plans
from towpath.improvement.rules.harm import DEFAULT, read_harm
from towpath.improvement.rules.pricing import read_prices
from towpath.journeys.actions import apply_journey

UTC_ZONE = ZoneInfo("UTC")
ZONES = [
    ZoneInfo(name) for name in ("Europe/Stockholm", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
]


def frame(now: datetime = UNTIL, zone: ZoneInfo = UTC_ZONE) -> Frame:
    found = frame_of(lake().snapshot(), plans(), now, zone, DEFAULT)
    assert found is not None
    return found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1_420_000_000, 1_900_000_000), min_size=1, max_size=20),
    st.sampled_from(ZONES),
)
def test_local_times_are_those_of_the_zone(seconds: list[int], zone: ZoneInfo) -> None:
    aware = [datetime.fromtimestamp(second, UTC) for second in seconds]
    found = local_us(np.array([microseconds_of(moment) for moment in aware]), zone)
    walls = [moment.astimezone(zone).replace(tzinfo=UTC) for moment in aware]
    assert found.tolist() == [microseconds_of(wall) for wall in walls]


def test_a_day_begins_at_local_midnight() -> None:
    assert start_of(day_number(date(2026, 11, 23)), ZoneInfo("Europe/Stockholm")) == datetime(
        2026, 11, 22, 23, tzinfo=UTC
    )


def test_an_event_belongs_to_the_local_day_and_hour(tmp_home: Home) -> None:
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    put_in([event("open", late, identifier="account:1", outcome="ok", latency_ms=10.0)])
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    (journey,) = frame(zone=ZoneInfo("Europe/Stockholm")).journeys
    assert journey.hour.tolist() == [0]
    assert journey.day[0] == frame().journeys[0].day[0] + 1


def test_a_case_is_the_customers_whom_its_events_name_first(tmp_home: Home) -> None:
    start = UNTIL - timedelta(days=2)
    rows = [
        event("open", start, identifier=None, case="c1"),
        event("pay", start + timedelta(hours=1), identifier="account:7", case="c1"),
        event("thanks", start + timedelta(hours=2), identifier="account:9", case="c1"),
        event("open", start, identifier=None, case="c2", id="another"),
    ]
    for row in rows:
        row["case_key"] = case_key("shop", row["case"])
        row["key"] = row["key"] if row["identifier"] else row["case_key"]
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY.replace("follows: customer", "follows: case"), "order.yaml")
    (journey,) = frame().journeys
    seven = subject_key("customer:account:7")
    assert sorted(journey.customer.tolist()) == sorted([seven, seven, seven, case_key("shop", "c2")])
    assert (journey.runs.attempt >= 0).sum() == 4


def test_events_without_anybody_are_nobodys_attempts(tmp_home: Home) -> None:
    start = UNTIL - timedelta(days=2)
    known = event("open", start, identifier="account:1", service="shop")
    nobody = event("open", start, identifier=None, service="shop", id="n1")
    elsewhere = event("open", start, identifier="account:2", service="shop", id="x1") | {"source": "other"}
    put_in([known, nobody, elsewhere])
    apply_journey(OPERATOR, JOURNEY.replace("window: 2d", "window: 2d\nsources: [shop]"), "order.yaml")
    (journey,) = frame().journeys
    assert journey.customer.tolist() == [subject_key("customer:account:1")]


def test_slow_is_slower_than_four_times_the_target_and_only_where_there_is_one(tmp_home: Home) -> None:
    start = UNTIL - timedelta(days=2)
    waits = (3_999.0, 4_000.0, 4_000.5, None)
    rows = [event("open", start, identifier=f"account:{n}", latency_ms=ms) for n, ms in enumerate(waits)]
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    (journey,) = frame().journeys
    assert (int(journey.slow.sum()), int(journey.timed.sum()), int(journey.said.sum())) == (1, 3, 0)
    apply_journey(OPERATOR, JOURNEY.replace(", target: 1s", ""), "order.yaml")
    (journey,) = frame().journeys
    assert (int(journey.slow.sum()), int(journey.timed.sum())) == (0, 0)


def test_the_running_day_is_not_tested(tmp_home: Home) -> None:
    fill(Weeks(visits_a_day=5))
    over, running = frame(UNTIL + timedelta(hours=1)), frame(UNTIL - timedelta(hours=6))
    assert over.tested == over.week
    assert running.tested[1] == running.week[1] - 1
    assert 0.5 < running.elapsed <= 0.75


def test_attempts_lie_step_after_step_and_runs_point_to_them(tmp_home: Home) -> None:
    fill(Weeks(visits_a_day=8))
    (journey,) = frame().journeys
    for step in range(3):
        first = journey.runs.attempt[:, step]
        there = first >= 0
        assert (journey.step[first[there]] == step).all()
        assert (journey.customer[first[there]] == journey.runs.customer[there]).all()
    assert (np.diff(journey.time[journey.at(0)])[np.diff(journey.customer[journey.at(0)]) == 0] >= 0).all()
    assert HOUR_US == 3_600_000_000


@pytest.mark.parametrize(
    "text", ["tolerated: {fault: many}", "grave: [{kind: money, match: {}}]", "speed: 1"]
)
def test_rules_that_cannot_be_read_say_what_to_do(text: str) -> None:
    with pytest.raises(DocumentError, match=r"docs/findings\.md"):
        read_harm(text, "harm.yaml")


def test_prices_are_read_and_refused_where_they_make_no_sense() -> None:
    assert read_prices("day: 60\nmargin: 0.4\n").of_tier("tier 2") == 69.0
    with pytest.raises(DocumentError, match="margin"):
        read_prices("margin: 4\n")
    with pytest.raises(DocumentError, match=r"docs/findings\.md"):
        read_prices("days: 4\n")


def test_the_rules_that_are_documented_can_be_read() -> None:
    text = (Path(__file__).parents[2] / "docs/findings.md").read_text(encoding="utf-8")
    rules, prices = (block.partition("```")[0] for block in text.split("```yaml\n")[1:])
    assert read_harm(rules, "harm.yaml").tolerated == DEFAULT.tolerated
    assert read_harm(rules, "harm.yaml").contact == DEFAULT.contact
    assert read_prices(prices).compensation == 30
