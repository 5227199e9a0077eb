"""Tickets that name nobody, or no step: what their text and the customers' own events tell; who sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from django.test import Client
from test_desk_flow_pages import MAPPING, put_in
from test_desk_flow_pages import READING as TICKETS

from towpath.customers.actions.forgetting import forget
from towpath.customers.queries.story import LOOKED_AT
from towpath.desk.actions import linking as actions
from towpath.desk.following import refresh
from towpath.desk.models import Desk, Ticket, TicketLink
from towpath.desk.queries.flow import history
from towpath.desk.queries.linking import links, links_of_ticket
from towpath.desk.queries.ticket import ticket
from towpath.desk.schemas.linking import LinkOfTicket
from towpath.events.envelope import EVENT_SCHEMA, subject, subject_key
from towpath.events.lake import Staging
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import home
from towpath.journeys.actions import apply_journey

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
READING = "states: {new: [opened], resolved: [solved]}\ntitle: data.title\n"
JOURNEY = """
key: join
name: Join
follows: customer
window: 14d
steps:
  - {key: sign, name: Sign, match: {type: contract.signed}}
  - {key: pay, name: Pay, match: {type: payment.made}}
"""
ANNA, BERT = "mail:anna@post.example", "mail:bert@post.example"


def event(source: str, nth: str, who: str | None, hours: float, **other: object) -> dict[str, object]:
    key = subject_key(subject(who, str(other.get("ticket") or "") or None, source, None))
    at = AT + timedelta(hours=hours)
    said = {"source": source, "id": nth, "seq": 0, "time": at, "received": at}
    return {**said, "identifier": who, "key": key, **other}


def opened(ticket_: str, who: str | None, title: str, hours: float = 0.0) -> dict[str, object]:
    data = msgspec.json.encode({"title": title}).decode()
    return event("help", ticket_, who, hours, type="opened", ticket=ticket_, data=data)


def put(source: str, *made: dict[str, object]) -> None:
    staging = Staging(home().staging, source)
    staging.append(pa.Table.from_pylist(list(made), schema=EVENT_SCHEMA).combine_chunks().to_batches()[0])
    lake().absorb(staging)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path))
    home().prepare()
    put(
        "help",
        opened("T1", ANNA, "cannot pay"),
        opened("T2", BERT, "cannot sign"),
        opened("T3", None, "call anna@post.example back"),
        opened("T4", None, "anna@post.example and bert@post.example are one household"),
        opened("T5", None, "nobody is named here"),
    )
    put(
        "shop",
        event("shop", "1", ANNA, -3, type="contract.signed", outcome="fault"),
        event("shop", "2", ANNA, -2, type="payment.made", outcome="fault"),
        event("shop", "3", ANNA, 1, type="contract.signed", outcome="fault"),
        event("shop", "4", BERT, -30, type="contract.signed", outcome="fault"),
        event("shop", "5", BERT, -1, type="contract.signed", outcome="ok"),
    )
    desk = Desk.objects.create(name="help", source="help", reading=READING)
    refresh(desk)
    return desk


def about(number: str, what: str) -> LinkOfTicket:
    return next(each for each in links_of_ticket(OPERATOR, "help", number).links if each.about == what)


def confirm_customer() -> str:
    return actions.say_of_ticket(OPERATOR, "help", "T3", about="customer", value=ANNA, confirmed=True)


def test_a_text_with_one_customers_identifier_proposes_them(desk: Desk) -> None:
    assert (about("T3", "customer").proposed, about("T3", "customer").share) == (ANNA, None)
    assert (about("T4", "customer").proposed, about("T5", "customer").proposed) == ("", "")
    assert (about("T1", "customer").source, about("T1", "customer").proposed) == (ANNA, "")


def test_a_confirmed_customer_leads_to_their_story_and_the_log_names_nobody(desk: Desk) -> None:
    confirm_customer()
    refresh(desk)
    found = ticket(OPERATOR, "help", "T3")
    assert (found.customer, found.customer_key) == (ANNA, str(subject_key(f"customer:{ANNA}")))
    column = history(desk).of_ticket["customer"]
    assert str(column.names[int(column.codes[history(desk).number_of("T3")])]) == ANNA
    said = AuditEntry.objects.filter(verb="ticket.linked").get()
    assert "anna" not in f"{said.target} {said.after} {said.before}"


def test_who_may_not_read_customers_neither_sees_nor_says_it(
    desk: Desk, client: Client, key_with: Callable[..., str]
) -> None:
    batch = confirm_customer()

    def asked(*scopes: str) -> tuple[str, str]:
        head = {"Authorization": f"Bearer {key_with([*scopes])}"}
        told = client.get("/api/desks/help/links", headers=head).content.decode()
        one = client.get("/api/desks/help/links/ticket", {"number": "T3"}, headers=head)
        return told, one.content.decode()

    assert not any("anna@" in text for text in asked("desk:read"))
    looks = AuditEntry.objects.filter(verb=LOOKED_AT).count()
    assert all("anna@" in text for text in asked("desk:read", "customers:read"))
    assert AuditEntry.objects.filter(verb=LOOKED_AT).count() == looks + 2
    head = {"Authorization": f"Bearer {key_with(['desk:read', 'desk:link'])}"}
    sent = {"batch": batch}
    undo = client.post("/api/desks/help/links/undo", sent, content_type="application/json", headers=head)
    assert undo.status_code == 403
    word = {"about": "customer", "value": ANNA, "number": "T3", "confirmed": False}
    said = client.post("/api/desks/help/links/word", word, content_type="application/json", headers=head)
    assert (said.status_code, TicketLink.objects.count()) == (403, 1)


def test_forgetting_a_customer_takes_what_was_said_of_them(desk: Desk) -> None:
    confirm_customer()
    assert about("T3", "customer").confirmed == ANNA
    forget(OPERATOR, ANNA)
    refresh(desk)
    assert not TicketLink.objects.exists()
    assert not Ticket.objects.filter(customer=ANNA).exists()
    assert history(desk).number_of("T1") is None


def test_the_last_step_that_failed_the_day_before_is_told_together(desk: Desk) -> None:
    assert about("T1", "step").proposed == ""
    apply_journey(OPERATOR, JOURNEY, "join.yaml")
    assert (about("T1", "step").proposed, about("T1", "step").by) == ("join › pay", "together")
    assert about("T1", "step").share is None
    assert about("T2", "step").proposed == ""
    actions.say_of_ticket(OPERATOR, "help", "T1", about="step", value="join › pay", confirmed=True)
    assert {each.about: each.confirmed for each in links(OPERATOR).coverage}["step"] == 1


MASKED = """at,number,state,team,caller,title
2026-01-01T08:00:00Z,T1,Doing,Front,anna@post.example,cannot sign in
2026-01-01T09:00:00Z,T2,Doing,Front,,please write to anna@post.example
"""


def test_a_masked_address_is_found_and_stays_confirmed_when_it_comes_again(
    tmp_home: object, tmp_path: Path
) -> None:
    mapping = f"{MAPPING}mask: true\n{TICKETS}  title: data.title\n"
    put_in(tmp_path, mapping, MASKED)
    name = Desk.objects.get().name
    refresh(Desk.objects.get())

    def customer() -> LinkOfTicket:
        return next(each for each in links_of_ticket(OPERATOR, name, "T2").links if each.about == "customer")

    token = customer().proposed
    assert (token.startswith("mail-"), "anna" in token) == (True, False)
    actions.say_of_ticket(OPERATOR, name, "T2", about="customer", value=token, confirmed=True)
    put_in(tmp_path, mapping, MASKED + "2026-01-01T10:00:00Z,T2,Done,Front,,done\n")
    refresh(Desk.objects.get())
    assert (customer().confirmed, customer().proposed) == (token, "")
    assert Ticket.objects.get(number="T2").customer == token
