"""The customers' pages: look somebody up, read their day, say who is who; each role as far as it may."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client
from who import customer_of, met, take_in, together

from towpath.customers.joining.observing import key_of
from towpath.customers.models import Decision, Identifier, Question
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
A, B, MAIL = "account:a", "account:b", "mail:Anna@shop.example"
ClientOf = Callable[[Person], Client]


@pytest.fixture
def known(tmp_home: Home) -> None:
    take_in(
        [
            met(0, A, MAIL, session="s1", channel="web"),
            met(1, A, type_="pay", outcome="fault", session="s1", channel="web"),
            met(1.1, A, type_="pay", outcome="ok", session="s1", channel="web"),
            met(30, B, "device:d"),
            met(31, A, "device:d"),
        ]
    )


def test_without_events_the_list_says_what_to_do(
    tmp_home: Home, service_manager: Person, client_of: ClientOf
) -> None:
    page = client_of(service_manager).get("/customers/").content.decode()
    assert "No customer is known yet" in page
    assert "/events/import/" in page


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("wanted", ["mail:Anna@SHOP.example", "Anna@shop.example", "Ann", "account:a", "a"])
def test_somebody_is_looked_up_by_identifier_and_the_look_is_kept(
    wanted: str, agent: Person, client_of: ClientOf
) -> None:
    page = client_of(agent).post("/customers/", {"identifier": wanted}).content.decode()
    assert f'href="/customers/{key_of(A)}/"' in page
    entry = AuditEntry.objects.get(verb="customer.searched")
    assert (entry.actor, entry.after) == (agent.username, {"found": [str(key_of(A))]})
    assert "nna" not in json.dumps([entry.target, entry.before, entry.after])


@pytest.mark.usefixtures("known")
def test_nobody_found_is_said_and_a_short_beginning_is_not_sought(agent: Person, client_of: ClientOf) -> None:
    for wanted in ("mail:nobody@x.example", "An"):
        page = client_of(agent).post("/customers/", {"identifier": wanted}).content.decode()
        assert "Nobody is known by that" in page


@pytest.mark.usefixtures("known")
def test_the_story_is_grouped_and_says_what_went_wrong_in_words(agent: Person, client_of: ClientOf) -> None:
    page = client_of(agent).get(f"/customers/{key_of(A)}/").content.decode()
    assert "1 failed by our fault" in page
    assert "1 tried again" in page
    assert page.count('<details class="story-visit"') == 1
    assert "Visit" in page
    assert "seen with mail:Anna@shop.example" in page
    assert AuditEntry.objects.filter(verb="customer.looked_at", actor=agent.username).count() == 1


@pytest.mark.usefixtures("known")
def test_the_key_of_any_identifier_leads_to_its_customer(agent: Person, client_of: ClientOf) -> None:
    answer = client_of(agent).get(f"/customers/{key_of(MAIL)}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/customers/{key_of(A)}/")


@pytest.mark.usefixtures("known")
def test_a_question_is_decided_on_the_page(agent: Person, leader: Person, client_of: ClientOf) -> None:
    question = Question.objects.get()
    assert "Belongs to account:a" not in client_of(leader).get("/customers/").content.decode()
    assert client_of(leader).post(f"/customers/questions/{question.pk}/").status_code == 403
    page = client_of(agent).get("/customers/").content.decode()
    assert "Whose is device:d?" in page
    client_of(agent).post(f"/customers/questions/{question.pk}/", {"answer": f"one:{key_of(A)}"})
    assert customer_of("device:d") == key_of(A)
    page = client_of(agent).post(f"/customers/questions/{question.pk}/", {"answer": "all"}, follow=True)
    assert "not open any more" in page.content.decode()


@pytest.mark.usefixtures("known")
def test_customers_are_joined_parted_and_it_is_undone_on_the_page(agent: Person, client_of: ClientOf) -> None:
    client, address = client_of(agent), f"/customers/{key_of(A)}/change/"
    before = together()
    page = client.post(address, {"do": "merge", "other": "account:b", "why": "married"}, follow=True)
    assert "married" in page.content.decode()
    assert customer_of(A) == customer_of(B)
    decision = Decision.objects.get()
    client.post(address, {"do": "undo", "decision": decision.pk})
    assert together() == before
    client.post(address, {"do": "part", "identifier": [key_of(MAIL)]})
    assert customer_of(MAIL) == key_of(MAIL)
    client.post(address, {"do": "describe", "name": "Anna", "kind": "person"})
    assert "<h1>Anna</h1>" in client.get(f"/customers/{key_of(A)}/").content.decode()


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"do": "merge", "other": "account:z"}, "Nobody is known by “account:z”"),
        ({"do": "part"}, "Choose identifiers of one customer"),
        ({"do": "shared"}, "Tick an identifier first"),
        ({"do": "describe", "name": "x", "kind": "robot"}, "robot"),
    ],
)
def test_what_cannot_be_done_is_told_on_the_page(
    sent: dict[str, str], told: str, agent: Person, client_of: ClientOf
) -> None:
    answer = client_of(agent).post(f"/customers/{key_of(A)}/change/", sent)
    assert answer.status_code == 422
    assert told in answer.content.decode()


@pytest.mark.usefixtures("known")
def test_a_proxy_is_marked_on_the_page(agent: Person, client_of: ClientOf) -> None:
    client = client_of(agent)
    client.post(f"/customers/{key_of(A)}/change/", {"do": "shared", "identifier": [key_of(MAIL)]})
    assert Identifier.objects.get(pk=key_of(MAIL)).proxy == "person"
    assert "shared by many: joins nobody" in client.get(f"/customers/{key_of(MAIL)}/").content.decode()


@pytest.mark.usefixtures("known")
def test_customers_see_no_one(customer_person: Person, client_of: ClientOf) -> None:
    client = client_of(customer_person)
    assert client.get("/customers/").status_code == 403
    assert client.get(f"/customers/{key_of(A)}/").status_code == 403
    assert client.post(f"/customers/{key_of(A)}/change/", {"do": "part"}).status_code == 403
    assert Client().get("/customers/").status_code == 302
