"""A customer's story: everything they met, on every channel, in order; and every look on record."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client

sys.path.append(str(Path(__file__).parents[1] / "journeys"))

from journey_events import event, put_in

from towpath.customers.queries import note_look, story
from towpath.customers.telling import days_of, plainly
from towpath.events.envelope import case_key, subject_key
from towpath.foundation.access.actor import OPERATOR, actor_of
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.foundation.ui import figures

pytestmark = pytest.mark.django_db
ANNA = subject_key("customer:mail:anna@shop.example")


@pytest.fixture(autouse=True)
def events(tmp_home: Home) -> None:
    anna, ben = {"identifier": "mail:anna@shop.example"}, {"identifier": "mail:ben@shop.example"}
    put_in(
        [
            event("call", None, 800, source="phone", team="desk", channel="phone", **anna),
            event("pay", "o1", 2, outcome="fault", latency_ms=900.0, data='{"browser": "x"}', **anna),
            event("basket", "o1", 1, **anna),
            event("helped", "o1", 3, **ben),
            event("basket", "o2", 1, data="not JSON"),
        ]
    )


def test_everything_that_a_customer_met_is_told_in_order() -> None:
    told = story(OPERATOR, ANNA)
    assert [each.type for each in told.events] == ["basket", "pay", "call"]
    assert (told.name, told.sources, told.cases) == ("mail:anna@shop.example", ("phone", "shop"), ("o1",))
    paying = told.events[1]
    assert (paying.outcome, paying.latency_ms, paying.data) == ("fault", 900.0, {"browser": "x"})
    assert (told.first, told.last, told.total) == (told.events[0].time, told.events[2].time, 3)
    assert told.key == str(ANNA)


def test_a_case_is_told_across_the_customers_it_spans() -> None:
    told = story(OPERATOR, case_key("shop", "o1"))
    assert [each.type for each in told.events] == ["basket", "pay", "helped"]
    assert len(told.identifiers) == 2


def test_a_case_whose_customer_was_known_later_is_told_from_its_start() -> None:
    put_in([event("basket", "o7", 1), event("pay", "o7", 2, identifier="mail:cleo@shop.example")], "second")
    told = story(OPERATOR, case_key("shop", "o7"))
    assert [each.type for each in told.events] == ["basket", "pay"]


def test_a_long_story_comes_in_pages() -> None:
    told = story(OPERATOR, ANNA, offset=1, limit=1)
    assert ([each.type for each in told.events], told.total) == (["pay"], 3)


def test_attributes_that_are_no_json_are_shown_as_they_are() -> None:
    assert story(OPERATOR, case_key("shop", "o2")).events[0].data == {"data": "not JSON"}


def test_every_look_is_kept_without_naming_the_customer(agent: Person) -> None:
    story(actor_of(agent), ANNA)
    (entry,) = AuditEntry.objects.all()
    assert (entry.actor, entry.verb, entry.target) == (agent.username, "customer.looked_at", str(ANNA))
    assert (entry.before, entry.after) == (None, None)


def test_a_look_at_many_is_kept_whole(agent: Person) -> None:
    keys = [ANNA + place for place in range(50)]
    note_look(actor_of(agent), keys)
    (entry,) = AuditEntry.objects.all()
    assert entry.after == {"looked_at": [str(key) for key in keys]}


def test_a_key_beyond_64_bits_belongs_to_nobody() -> None:
    with pytest.raises(Http404):
        story(OPERATOR, 1 << 64)


def test_only_staff_may_look(customer_person: Person) -> None:
    with pytest.raises(PermissionDenied):
        story(actor_of(customer_person), ANNA)
    assert not AuditEntry.objects.exists()


def test_an_unknown_key_is_not_there() -> None:
    with pytest.raises(Http404):
        story(OPERATOR, 1)


def test_the_api_tells_the_same(
    agent: Person, customer_person: Person, client_of: Callable[[Person], Client]
) -> None:
    answer = client_of(agent).get(f"/api/customers/{ANNA}/story?limit=2")
    assert (answer.status_code, len(answer.json()["events"]), answer.json()["total"]) == (200, 2, 3)
    assert client_of(customer_person).get(f"/api/customers/{ANNA}/story").status_code == 403
    assert Client().get(f"/api/customers/{ANNA}/story").status_code == 401
    assert client_of(agent).get("/api/customers/1/story").json()["status"] == 404


def test_the_same_three_times_in_a_row_is_one_line_that_opens() -> None:
    rows = [event("retry", "o9", 10 + place / 10, outcome="fault", latency_ms=10.0) for place in range(3)]
    put_in([*rows, event("retry", "o9", 12, outcome="fault"), event("paid", "o9", 12.1)], "again")
    (day,) = days_of(plainly(each) for each in story(OPERATOR, case_key("shop", "o9")).events)
    (visit,) = day.visits
    assert [len(row.told) for row in visit.rows] == [3, 1, 1]
    first = visit.rows[0]
    begin, end = (figures.clock(each.event.time) for each in (first.told[0], first.told[-1]))
    assert (first.folded, first.often) == (True, f"3 times, {begin} to {end}")
    assert visit.rows[1].first.gap
    assert (day.bad, len(day.told)) == (4, 5)


def test_the_same_at_one_moment_names_it_once() -> None:
    put_in([event("tick", "o8", 1, id=f"t{place}") for place in range(4)], "ticks")
    (day,) = days_of(plainly(each) for each in story(OPERATOR, case_key("shop", "o8")).events)
    (row,) = day.visits[0].rows
    assert row.often == f"4 times, at {figures.clock(row.first.event.time)}"


def test_an_opened_event_says_its_id_its_outcome_and_its_moment_to_the_millisecond(
    agent: Person, client_of: Callable[[Person], Client]
) -> None:
    paying = plainly(story(OPERATOR, ANNA).events[1])
    facts = dict(paying.facts)
    assert (facts["Id"], facts["Outcome"]) == (paying.event.id, "fault")
    assert datetime.fromisoformat(facts["Time"]) == paying.event.time
    assert ".000" in facts["Time"]
    assert facts["Time"] in client_of(agent).get(f"/customers/{ANNA}/").content.decode()
