"""Planted troubles are found where they are, quiet weeks have none, and the same trouble keeps its row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from made_weeks import JOURNEY, UNTIL, Row, Weeks, event, fill, put_in, since

from towpath.foundation.operations.home import Home
from towpath.improvement import jobs
from towpath.improvement.actions.detecting import refresh
from towpath.improvement.models import Finding, StandingDays

NOW = UNTIL + timedelta(hours=1)


def found() -> list[dict[str, Any]]:
    return [row.detected for row in Finding.objects.filter(seen=True)]


def bad_release(row: Row, draw: np.random.Generator) -> Row:
    """From eight days ago a third of the app's customers have a version that cannot pay."""
    if row["channel"] == "app" and row["time"] > since(8) and row["identifier"][-1] in "0123":
        row["version"] = "2.0"
        if row["type"] == "pay" and draw.random() < 0.5:
            row["outcome"] = "fault"
    return row


def slow_evening(row: Row, draw: np.random.Generator) -> Row:
    if row["type"] == "open" and 18 <= row["time"].hour < 22 and row["time"] > since(40):
        row["component"] = "catalogue"
        row["latency_ms"] *= 25.0 if draw.random() < 0.4 else 1.0
    return row


def lossy_phone(row: Row, draw: np.random.Generator) -> Row | None:
    gone = row["type"] == "thanks" and row["channel"] == "phone" and row["time"] > since(45)
    return None if gone and draw.random() < 0.4 else row


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_quiet_weeks_have_no_finding(tmp_home: Home, seed: int) -> None:
    fill(Weeks(seed=seed, fault=0.004))
    assert refresh(NOW).seen == 0


def test_a_bad_release_is_called_by_its_version(tmp_home: Home) -> None:
    went_out = event("deployment", since(8), service="shop", component="app", version="2.0", change="C1")
    fill(Weeks(plant=bad_release, more=[went_out]))
    refresh(NOW)
    (only,) = found()
    assert (only["step"], only["family"], only["culprit"]) == ("pay", "fault", "change=app 2.0")
    assert only["since"]["low"] <= "2026-11-15" <= only["since"]["high"]
    assert only["together"][0]["kind"] == "release"
    assert only["first_step"] == "roll_back"
    assert only["cause"] is None
    assert only["ruined_days"]["low"] <= only["alone"] + 3
    assert len(only["weeks"]) == 12
    assert 0 < len(only["moments"]) <= 20


def test_a_slow_evening_is_called_by_component_and_hours(tmp_home: Home) -> None:
    fill(Weeks(plant=slow_evening))
    refresh(NOW)
    (only,) = [each for each in found() if each["family"] == "slow"]
    assert only["where"]["component"] == "catalogue"
    assert only["where"]["hours"] == [18, 22]
    assert only["first_step"] == "add_capacity_in_hours"


def test_a_group_that_a_step_loses_is_found_though_nothing_fails(tmp_home: Home) -> None:
    fill(Weeks(visits_a_day=90, plant=lossy_phone))
    refresh(NOW)
    (only,) = found()
    assert (only["step"], only["family"], only["culprit"]) == ("pay", "loss", "channel=phone")
    assert only["ruined_days"]["value"] == 0
    assert only["score"] > 0


def test_evening_people_who_leave_more_often_are_no_finding(tmp_home: Home) -> None:
    def leaves(row: Row, draw: np.random.Generator) -> Row | None:
        evening = row["time"].hour >= 18
        row["latency_ms"] *= 1.5 if evening else 1.0
        return None if evening and row["type"] != "open" and draw.random() < 0.15 else row

    fill(Weeks(plant=leaves))
    assert refresh(NOW).seen == 0


def test_an_outage_leaves_customers_missing(tmp_home: Home) -> None:
    def nobody(row: Row, _draw: np.random.Generator) -> Row | None:
        out = since(3) + timedelta(hours=13) <= row["time"] < since(3) + timedelta(hours=16)
        return None if out else row

    fill(Weeks(visits_a_day=120, plant=nobody))
    refresh(NOW)
    (only,) = found()
    assert (only["family"], only["step"]) == ("missing", "open")
    assert only["where"]["hours"] == [13, 16]
    missing = StandingDays.objects.get().body["missing"]
    assert missing["low"] < 3 * 120 * 0.095 < missing["high"]


def test_money_taken_twice_stands_first_however_rare(tmp_home: Home) -> None:
    twice = [
        event("payment.duplicate", since(2), identifier=f"account:{n}", value=20.0, currency="EUR")
        for n in (1, 2)
    ]
    fill(Weeks(plant=slow_evening, more=twice))
    refresh(NOW)
    first = Finding.objects.first()
    assert first is not None
    assert (first.grave, first.detected["family"], first.detected["met"]) == (True, "grave", 2)


def test_a_broken_promise_ruins_the_day(tmp_home: Home) -> None:
    promised = JOURNEY.replace("match: {type: thanks}", "match: {type: thanks}, promise: 1h")

    def late(row: Row, draw: np.random.Generator) -> Row:
        if row["type"] == "thanks" and row["channel"] == "web" and draw.random() < 0.3:
            row["time"] += timedelta(hours=5)
        return row

    fill(Weeks(plant=late), promised)
    refresh(NOW)
    (only,) = [each for each in found() if each["family"] == "wait"]
    assert (only["step"], only["first_step"]) == ("thanks", "keep_promise")
    assert only["ruined_days"]["value"] > 0


def contacts(kind: str) -> list[Row]:
    """Forty customers who get in touch in the last six days about the same thing."""
    said = f'{{"kind": "{kind}", "topic": "double letter"}}'
    return [
        event("contact.opened", since(6) + timedelta(hours=3 * n), identifier=f"account:{n}", data=said)
        for n in range(40)
    ]


def test_many_contacts_about_an_incident_are_a_finding(tmp_home: Home) -> None:
    fill(Weeks(fault=0.0, more=contacts("incident")))
    refresh(NOW)
    (only,) = found()
    assert (only["family"], only["culprit"]) == ("contact", "topic=double letter")
    assert only["touched"] == 40


def test_a_loud_group_raises_nothing(tmp_home: Home) -> None:
    fill(Weeks(fault=0.0, more=contacts("complaint")))
    assert refresh(NOW).seen == 0


def test_a_look_that_took_long_lets_others_work(tmp_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "REST", 1e6)
    assert jobs.look_again() is True
    put_in([event("open", since(1), identifier="account:1", outcome="ok")], "one")
    assert jobs.look_again() is False


def test_a_total_breakdown_shows_within_the_running_day(tmp_home: Home) -> None:
    now = UNTIL + timedelta(hours=9)
    today = [
        event(
            "pay", now - timedelta(minutes=n), identifier=f"account:{n}", outcome="fault", latency_ms=90.0,
            channel="web", version="1.0", service="shop",
        )
        for n in range(1, 13)
    ]  # fmt: skip
    fill(Weeks())
    assert refresh(now).seen == 0
    put_in(today, "today")
    refresh(now)
    (only,) = found()
    assert (only["step"], only["family"]) == ("pay", "fault")
    assert only["since"]["day"] == "2026-11-23"


def test_the_same_trouble_seen_again_is_the_same_row(tmp_home: Home) -> None:
    fill(Weeks(plant=bad_release))
    first = refresh(NOW)
    again = refresh(NOW + timedelta(hours=2))
    assert (first.new, again.new, again.seen) == (first.seen, 0, first.seen)
    assert Finding.objects.get().first_seen == NOW


def test_a_finding_that_is_not_seen_any_more_keeps_what_was_found(tmp_home: Home) -> None:
    fill(Weeks(plant=bad_release))
    refresh(NOW)
    (tmp_home.root / "harm.yaml").write_text("least_customers: 100000\n")
    refresh(NOW + timedelta(hours=2))
    row = Finding.objects.get()
    assert not row.seen
    assert row.detected["met"] > 0


def test_the_loop_looks_again_only_once_something_changed(
    tmp_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "REST", 0.0)
    fill(Weeks(visits_a_day=5))
    assert jobs.look_again() is True
    assert jobs.look_again() is False
    put_in([event("open", since(1), identifier="account:1", outcome="ok")], "one")
    assert jobs.look_again() is True
