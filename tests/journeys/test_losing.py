"""Customers lost together with a bad experience, planted in a log and found again; segments likewise."""

from __future__ import annotations

import random

import pytest
from journey_events import JOURNEY, Row, event, put_in

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.journeys.actions import apply_journey
from towpath.journeys.measures.choosing import Choice
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries import conduct
from towpath.journeys.queries.people import people

pytestmark = pytest.mark.django_db
ORDERS = 600
VALUE = 50.0


def orders(seed: int, *, harm: float) -> list[Row]:
    """Orders over ten days; a third meet a fault or a slow page at paying, and go on less often by `harm`."""
    chance, rows = random.Random(seed), [event("basket", "last", 24 * 60)]
    for number in range(ORDERS):
        case, hour = f"c{number}", chance.randrange(240)
        bad = chance.random() < 1 / 3
        slow = bad and chance.random() < 0.5
        outcome = "fault" if bad and not slow else "ok"
        latency = 4_100.0 if slow else 3_900.0
        rows.append(event("basket", case, hour, channel=chance.choice(["web", "app"])))
        rows.append(
            event("pay", case, hour + 0.5, outcome=outcome, latency_ms=latency, value=VALUE, currency="EUR")
        )
        if chance.random() < 0.8 - (harm if bad else 0):
            rows.append(event("delivered", case, hour + 30))
    return rows


def test_planted_harm_is_found_in_customers_and_money(tmp_home: Home) -> None:
    put_in(orders(1, harm=0.5))
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    shown = {step.key: step for step in conduct.loss(OPERATOR, "order", Selection()).steps}
    pay = shown["pay"]
    assert (pay.verdict, pay.attempts, pay.measurable_share, pay.currency) == (
        "together with",
        ORDERS,
        1.0,
        "EUR",
    )
    assert pay.lost_beyond is not None
    assert pay.lost_beyond.low < pay.exposed * 0.5 < pay.lost_beyond.high
    assert pay.money is not None
    assert pay.money.low < pay.exposed * 0.5 * 0.8 * VALUE < pay.money.high
    assert people(OPERATOR, "order", Selection(), Choice(step="pay", bad=True), limit=1).total == pay.exposed
    lost = Choice(step="pay", bad=True, state="lost")
    assert people(OPERATOR, "order", Selection(), lost, limit=1).total == pay.lost_among_exposed
    assert shown["basket"].verdict == "not measurable yet"


def test_without_harm_nothing_is_claimed(tmp_home: Home) -> None:
    put_in(orders(2, harm=0.0))
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    pay = conduct.loss(OPERATOR, "order", Selection()).steps[1]
    assert pay.verdict == "cannot tell"
    assert pay.lost_beyond is not None
    assert pay.lost_beyond.low <= 0 <= pay.lost_beyond.high


def test_only_those_count_who_were_followed_long_enough(tmp_home: Home) -> None:
    rows = [row for row in orders(3, harm=0.5) if row["case"] != "last"]
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY.replace("window: 10d", "window: 90d"), "order.yaml")
    shown = conduct.loss(OPERATOR, "order", Selection())
    as_of = max(row["time"] for row in rows)
    old = [row for row in rows if row["type"] == "basket" and (as_of - row["time"]).days >= 3]
    assert (shown.horizon_seconds, shown.followed, shown.left_out) == (
        3 * 86_400,
        len(old),
        ORDERS - len(old),
    )
    assert shown.steps[1].attempts == len(old)
    asked = conduct.loss(OPERATOR, "order", Selection(window_us=90 * 86_400_000_000))
    assert (asked.followed, asked.steps[1].attempts) == (0, 0)


def test_money_in_two_currencies_is_not_added(tmp_home: Home) -> None:
    rows = orders(4, harm=0.5)
    for row in rows[:900]:
        row["currency"] = "USD" if row["currency"] else None
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    pay = conduct.loss(OPERATOR, "order", Selection()).steps[1]
    assert (pay.money, pay.currency, pay.lost_beyond is None) == (None, None, False)


def test_segments_are_compared_over_a_horizon_that_all_were_followed_for(tmp_home: Home) -> None:
    rows: list[Row] = [event("basket", "last", 24 * 14)]
    for number in range(400):
        channel = "web" if number % 2 else "phone"
        rows.append(event("basket", f"c{number}", number % 48, channel=channel))
        rows.append(event("pay", f"c{number}", number % 48 + 1))
        if number % 2 or number % 8 == 0:
            rows.append(event("delivered", f"c{number}", number % 48 + 30))
    rows += [event("basket", f"late{number}", 24 * 13, channel="phone") for number in range(40)]
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    shown = conduct.segments(OPERATOR, "order", Selection(by="channel"))
    assert (shown.horizon_seconds, shown.followed, shown.left_out) == (10 * 86_400, 400, 41)
    found = {each.segment: each for each in shown.segments}
    assert (found["web"].converted, found["web"].entered, found["phone"].converted) == (200, 200, 50)
    assert found["web"].selected
    assert found["web"].difference == pytest.approx(0.75)
    with pytest.raises(ValueError, match="Say what to compare by"):
        conduct.segments(OPERATOR, "order", Selection())


def test_attempts_that_do_not_say_how_they_went_are_no_comparison(tmp_home: Home) -> None:
    rows = orders(1, harm=0.5)
    silent = {f"c{number}" for number in range(0, ORDERS, 2)}
    for row in rows:
        if row["type"] == "pay" and row["case"] in silent and row["outcome"] == "ok":
            row["outcome"] = row["latency_ms"] = None
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    pay = {step.key: step for step in conduct.loss(OPERATOR, "order", Selection()).steps}["pay"]
    paid = [row for row in rows if row["type"] == "pay" and row["outcome"]]
    bad = [row for row in paid if row["outcome"] == "fault" or row["latency_ms"] > 4_000]
    assert (pay.exposed, pay.unexposed) == (len(bad), len(paid) - len(bad))


def test_a_retry_does_not_hide_the_attempt_that_went_wrong(tmp_home: Home) -> None:
    """Every fourth order fails at the basket and tries again at once; half of these give up afterwards."""
    rows = [event("basket", "last", 24 * 60)]
    for number in range(ORDERS):
        case, hour, failed = f"c{number}", (number * 7) % 240, number % 4 == 0
        rows.append(event("basket", case, hour, channel="web", outcome="fault" if failed else "ok"))
        if failed:
            rows.append(event("basket", case, hour + 0.1, channel="web", outcome="ok"))
        if not failed or number % 8 == 0:
            rows.append(event("pay", case, hour + 1, outcome="ok"))
            rows.append(event("delivered", case, hour + 30))
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    basket = {step.key: step for step in conduct.loss(OPERATOR, "order", Selection()).steps}["basket"]
    assert (basket.exposed, basket.lost_among_exposed) == (ORDERS // 4, ORDERS // 8)
    assert (basket.unexposed, basket.lost_among_unexposed) == (ORDERS * 3 // 4, 0)
    assert basket.verdict == "together with"
