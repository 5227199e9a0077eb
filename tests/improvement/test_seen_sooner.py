"""Small and lasting troubles: late answers, a group lost for weeks, seldom harm, an hour without anybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from made_weeks import UNTIL, Row, Weeks, event, fill, since

from towpath.foundation.operations.home import Home
from towpath.improvement.actions.detecting import refresh
from towpath.improvement.models import Finding
from towpath.improvement.rules.looks import ALPHA_HOURS, limit_hours

NOW = UNTIL + timedelta(hours=1)


def found() -> list[dict[str, Any]]:
    return [row.detected for row in Finding.objects.filter(seen=True)]


def late_evening(frustrated: float, begun: int = 28) -> Any:
    def plant(row: Row, draw: np.random.Generator) -> Row:
        if row["type"] == "open" and 18 <= row["time"].hour < 22:
            row["component"] = "catalogue"
            if row["time"] > since(begun):
                row["latency_ms"] = 5_000.0 if draw.random() < frustrated else 2_000.0
        return row

    return plant


def test_answers_that_became_late_are_told_by_the_few_days_that_they_ruin(tmp_home: Home) -> None:
    fill(Weeks(plant=late_evening(0.03)))
    refresh(NOW)
    (only,) = found()
    assert (only["step"], only["family"], only["culprit"]) == ("open", "slow", "component=catalogue")
    assert only["since"]["day"] == "2026-10-26"
    assert 0 < only["ruined_days"]["value"] < 10


def test_late_answers_that_ruin_no_day_are_no_finding(tmp_home: Home) -> None:
    fill(Weeks(plant=late_evening(0.0)))
    assert refresh(NOW).seen == 0


def test_answers_that_were_always_late_in_the_evening_are_no_finding(tmp_home: Home) -> None:
    fill(Weeks(plant=late_evening(0.002, begun=100)))
    assert refresh(NOW).seen == 0


def test_a_slowness_is_told_once_though_its_answers_are_late_as_well(tmp_home: Home) -> None:
    fill(Weeks(plant=late_evening(0.5)))
    refresh(NOW)
    (only,) = found()
    assert only["since"]["day"] == "2026-10-26"
    assert only["ruined_days"]["low"] > 10


def lost_by(rate: float, begun: int, over: int = 0) -> Any:
    def plant(row: Row, draw: np.random.Generator) -> Row | None:
        there = since(begun) < row["time"] < since(over)
        gone = there and row["type"] == "thanks" and row["channel"] == "phone"
        return None if gone and draw.random() < rate else row

    return plant


def test_a_group_that_a_step_loses_for_four_weeks_is_found_where_one_week_is_too_little(
    tmp_home: Home,
) -> None:
    fill(Weeks(plant=lost_by(0.16, 28)))
    refresh(NOW)
    (only,) = found()
    assert (only["step"], only["family"], only["culprit"]) == ("pay", "loss", "channel=phone")
    assert only["beyond"]["low"] <= 0.16 * 0.2 * 60 * 7 * 0.85 <= only["beyond"]["high"]


def test_what_is_over_for_a_week_is_no_finding_however_bad_the_weeks_before_were(tmp_home: Home) -> None:
    fill(Weeks(plant=lost_by(0.5, 28, over=8)))
    assert refresh(NOW).seen == 0


def test_grave_harm_that_spared_the_last_week_is_told_with_what_it_comes_to_a_week(tmp_home: Home) -> None:
    twice = [event("payment.duplicate", since(day), identifier=f"account:{day}") for day in (10, 15, 20)]
    fill(Weeks(fault=0.0, more=twice))
    refresh(NOW)
    (only,) = found()
    assert (only["family"], only["met"]) == ("grave", 0)
    assert only["ruined_days"]["value"] == 3 / 4
    assert only["ruined_days"]["low"] == 0


def test_an_hour_without_anybody_in_the_week_is_told_where_many_would_have_come(tmp_home: Home) -> None:
    def nobody(row: Row, _draw: np.random.Generator) -> Row | None:
        begin = since(3) + timedelta(hours=14)
        return None if begin <= row["time"] < begin + timedelta(hours=1) else row

    fill(Weeks(visits_a_day=110, plant=nobody))
    refresh(NOW)
    (only,) = found()
    assert (only["family"], only["where"]["hours"]) == ("missing", [14, 15])


@pytest.mark.parametrize("hours", [0, 1, 3, 200])
def test_hours_share_what_they_may_cost_among_those_that_could_be_told(hours: int) -> None:
    least = [1e-6] * hours + [0.3] * 100
    limit = limit_hours(least)
    assert sum(p for p in least if p <= limit) <= ALPHA_HOURS
    assert limit * max(sum(p <= limit for p in least), 1) <= ALPHA_HOURS
    assert (limit >= 1e-6) is True
