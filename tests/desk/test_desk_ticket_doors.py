"""Tickets' doors: lists, search, pages and one ticket's way show the same, and to whom they may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from test_desk_flow_pages import MAPPING, READING, ROWS, put_in, told

from towpath.desk.actions.agreements import apply_agreements
from towpath.desk.following import refresh
from towpath.desk.models import Desk, Ticket
from towpath.desk.queries import tickets as queries
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]
AGREED = """
calendars: {always: {zone: UTC, hours: {every: ["00:00-24:00"]}}}
agreements:
  - {name: Solved in time, metric: resolution, calendar: always, otherwise: 2h}
"""
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def acme(tmp_home: object, tmp_path: Path) -> Desk:
    apply_agreements(OPERATOR, AGREED, "agreed.yaml")
    put_in(tmp_path, MAPPING + READING.replace("topic: data.topic", "topic: data.topic\n  title: data.topic"))
    desk = Desk.objects.get()
    refresh(desk)
    return desk


def numbers(client: Client, asked: str) -> list[str]:
    return [row["number"] for row in client.get(f"/api/desks/acme/tickets?{asked}").json()["tickets"]]


def test_filters_and_search_find_what_they_say(acme: Desk, agent: Person, client_of: ClientOf) -> None:
    client = client_of(agent)
    assert numbers(client, "") == ["T3", "T2", "T1"]
    assert numbers(client, "which=ping_pong") == ["T1"]
    assert numbers(client, "which=missed") == ["T1"]
    assert numbers(client, "q=log") == ["T2", "T1"]
    assert numbers(client, "q=t3+bil") == ["T3"]
    assert numbers(client, "q=anna&tier=1") == ["T2", "T1"]
    assert numbers(client, "q=nobody") == []
    assert numbers(client, "state=resolved&topic=login&team=Front") == ["T2", "T1"]


def test_page_api_and_command_show_the_same(acme: Desk, agent: Person, client_of: ClientOf) -> None:
    client = client_of(agent)
    assert client.get("/api/desks/acme/tickets").json() == told("tickets")
    assert client.get("/api/desks/acme/tickets/T1").json() == told("tickets", "--number", "T1")
    assert 'href="/desk/acme/tickets/T1/"' in client.get("/desk/acme/tickets/").content.decode()
    page = client.get("/desk/acme/tickets/T1/").content.decode()
    assert page.count("<rect") >= 4
    assert "Solved in time" in page


def test_a_ticket_tells_who_had_it_how_long_and_what_its_clock_counted(acme: Desk) -> None:
    found = told("tickets", "--number", "T1")
    assert [(stay["team"], stay["seconds"]) for stay in found["stays"]] == [
        ("Front", 3600), ("Back", 3600), ("Front", 3600), ("Front", 0),
    ]  # fmt: skip
    (clock,) = found["clocks"]
    assert (clock["counted"], clock["missed_at"]) == (10_800, "2026-01-01T10:00:00Z")
    assert found["links"] == [{"kind": "repeated_by", "number": "T2", "desk": "acme"}]


def test_a_look_at_a_customers_ticket_is_audited(acme: Desk, agent: Person, client_of: ClientOf) -> None:
    client_of(agent).get("/desk/acme/tickets/T1/")
    entry = AuditEntry.objects.get(verb="customer.looked_at")
    assert entry.target == Ticket.objects.get(number="T1").subjects


def test_pages_follow_each_other_without_gap(acme: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    first = told("tickets")
    second = told("tickets", "--after", str(first["next"]))
    seen = [row["number"] for page in (first, second) for row in page["tickets"]]
    assert (seen, second["next"]) == (["T3", "T2", "T1"], "")


def test_what_cannot_be_asked_is_told(acme: Desk, agent: Person, client_of: ClientOf) -> None:
    client = client_of(agent)
    asked = ("tier=two", "after=here", "q=%22%2A")
    assert [client.get(f"/desk/acme/tickets/?{each}").status_code for each in asked] == [422, 422, 422]
    assert client.get("/desk/acme/tickets/T9/").status_code == 404


def test_customers_do_not_see_tickets(acme: Desk, customer_person: Person, client_of: ClientOf) -> None:
    client = client_of(customer_person)
    places = ("/desk/acme/tickets/", "/desk/acme/tickets/T1/", "/desk-agreements/", "/api/desk-agreements")
    assert [client.get(place).status_code for place in places] == [403] * 4


def test_scripts_in_texts_are_words(acme: Desk, tmp_path: Path, agent: Person, client_of: ClientOf) -> None:
    put_in(tmp_path, MAPPING + READING, ROWS + f"2026-01-22T08:00:00Z,T4,Doing,{SCRIPT},cy,{SCRIPT}\n")
    refresh(acme)
    client = client_of(agent)
    for place in ("/desk/acme/tickets/", "/desk/acme/tickets/T4/"):
        page = client.get(place).content.decode()
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page


def test_agreements_are_changed_by_who_may(acme: Desk, client_of: ClientOf, service_manager: Person) -> None:
    client = client_of(service_manager)
    wrong = client.post("/desk-agreements/change/", {"text": AGREED.replace("2h", "soon")})
    assert (wrong.status_code, "soon" in wrong.content.decode()) == (422, True)
    assert client.post("/desk-agreements/change/", {"text": AGREED.replace("2h", "9h")}).status_code == 302
    assert told("agreements")["version"] == 2
    assert "9h" in client.get("/desk-agreements/").content.decode()
    refresh(acme)
    assert not Ticket.objects.filter(solving="missed").exists()
