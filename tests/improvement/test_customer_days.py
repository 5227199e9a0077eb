"""Customer-days against SQL over the same events, and what can be said when little is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pytest
from made_weeks import JOURNEY, UNTIL, Row, Weeks, event, fill, put_in

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.improvement.actions.detecting import refresh
from towpath.improvement.models import Finding, StandingDays
from towpath.journeys.actions import apply_journey

NOW = UNTIL + timedelta(hours=1)

WEEK = """
with steps as (select *, cast(time as date) as day from events where type in ('open', 'pay', 'thanks')),
contacts as (select *, cast(time as date) as day from events where type like 'contact.%'),
bad as (select identifier, day, time from steps where outcome = 'fault' or latency_ms > 4000),
first_contacts as (
    select c.identifier, c.day from contacts c
    where exists (
        select 1 from bad b where b.identifier = c.identifier and b.time <= c.time
        and b.time >= c.time - interval 72 hour
        and not exists (
            select 1 from contacts o
            where o.identifier = c.identifier and o.time >= b.time and o.time < c.time
        )
    )
),
active as (select identifier, day from steps union select identifier, day from contacts),
ruined as (select identifier, day from bad union select identifier, day from first_contacts)
select
    (select count(*) from active where day between $first and $last),
    (select count(*) from ruined where day between $first and $last),
    (select 1000.0 * count(*) filter (outcome = 'fault') / count(outcome) from steps
     where day between $first and $last)
"""


def by_sql(rows: list[Row], first: str, last: str) -> tuple[int, int, float]:
    events = pa.Table.from_pylist(rows)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.register("events", events)
        found = connection.execute(WEEK, {"first": first, "last": last}).fetchone()
    assert found is not None
    return found


def contacts(rows: list[Row]) -> list[Row]:
    """Every third of those who met a fault asks about it, twice; every fiftieth customer asks of a trifle."""
    hurt = [row for row in rows if row["outcome"] == "fault"][::3]
    told = [
        event("contact.opened", row["time"] + timedelta(hours=hours), identifier=row["identifier"])
        for row in hurt
        for hours in (5, 20)
    ]
    trifles = [
        event("contact.opened", row["time"] + timedelta(minutes=40), identifier=row["identifier"])
        for row in rows[::50]
    ]
    return told + trifles


def test_the_week_is_what_sql_counts(tmp_home: Home) -> None:
    rows = fill(Weeks(fault=0.01))
    more = contacts(rows)
    put_in(more, "contacts")
    refresh(NOW)
    body = StandingDays.objects.get().body
    active, ruined, faults = by_sql(rows + more, body["first"], body["last"])
    assert (body["first"], body["last"]) == ("2026-11-16", "2026-11-22")
    assert (body["active"], body["ruined"]) == (active, ruined)
    assert body["good_rate"] == pytest.approx(1 - ruined / active)
    assert body["faults_per_thousand"] == pytest.approx(faults)
    assert body["good_low"] < body["good_rate"] < body["good_high"]


def test_shares_of_causes_add_up_to_the_ruined_days(tmp_home: Home) -> None:
    rows = fill(Weeks(fault=0.02))
    put_in(contacts(rows), "contacts")
    refresh(NOW)
    body = StandingDays.objects.get().body
    assert sum(each["days"] for each in body["causes"]) == pytest.approx(body["ruined"])


def test_an_empty_store_and_one_without_attempts_give_nothing(tmp_home: Home) -> None:
    refresh(NOW)
    assert StandingDays.objects.get().body["active"] == 0
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    put_in([event("newsletter", datetime(2026, 11, 20, tzinfo=UTC), identifier="account:1")])
    refresh(NOW)
    assert StandingDays.objects.get().body["good_rate"] is None
    assert not Finding.objects.exists()


def test_a_count_of_nothing_is_no_good_news(tmp_home: Home) -> None:
    rows = [row | {"outcome": None, "latency_ms": None} for row in Weeks(visits_a_day=5).rows()]
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    refresh(NOW)
    body = StandingDays.objects.get().body
    assert body["active"] > 0
    assert body["good_rate"] is None
    assert body["lacking"] == ["outcome", "latency", "contact"]


def test_events_of_the_future_do_not_move_the_week(tmp_home: Home) -> None:
    late = event("open", UNTIL + timedelta(days=30), identifier="account:1", outcome="ok", latency_ms=9.0)
    fill(Weeks(visits_a_day=5, more=[late]))
    refresh(NOW)
    assert StandingDays.objects.get().body["last"] == "2026-11-22"
