"""From a number to its people, and to one of their stories."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from journey_events import JOURNEY, event, put_in

from towpath.events.envelope import case_key
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.journeys.actions import apply_journey

pytestmark = pytest.mark.django_db
LOST = case_key("shop", "o3")
Clients = Callable[[Person], Client]


@pytest.fixture
def looking(shop: Home, agent: Person, client_of: Clients) -> Client:
    return client_of(agent)


def said(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("step=pay&state=lost", "1 lost, furthest step “Pay”"),
        ("state=converted", "1 finished"),
        ("step=pay&state=reached", "3 reached “Pay”"),
        ("outcome=declined", "1 ended with “Declined”"),
        ("step=pay&detour=repeats", "1 repeated “Pay”"),
        ("edge_from=basket&edge_to=pay", "3 went from “Fill the basket” to “Pay”"),
        (
            "variant=basket&variant=pay&variant=declined",
            "went exactly this way: Fill the basket → Pay → Declined",
        ),
        ("step=pay&bad=true", "1 had a bad experience at “Pay”, journey by journey"),
        ("by=channel&segment=app&state=reached", "2 entered, channel: app"),
        ("step=basket&state=lost&next=(nothing)", "1 lost at “Fill the basket”, then: nothing"),
    ],
)
def test_the_page_says_whom_it_lists(looking: Client, asked: str, told: str) -> None:
    assert told in said(looking, f"/journeys/order/entities/?{asked}")


def test_each_of_the_people_opens_their_story(looking: Client) -> None:
    listed = looking.get("/journeys/order/entities/?step=pay&state=lost").content.decode()
    address = f"/journeys/order/entities/{LOST}/"
    assert address in listed
    story = said(looking, address)
    assert "came as far as “Pay”" in story
    assert "2 things went wrong by our fault" in story
    assert "failed, our fault" in story
    assert "complaint" in story
    assert "1 h later" in story
    assert "then it is the turn of Desk" in story


def test_work_inside_stands_on_our_side(looking: Client) -> None:
    page = looking.get(f"/journeys/order/entities/{case_key('shop', 'o1')}/").content.decode()
    sides = re.findall(r'<li class="(customer|ours)">.*?<span class="title">([^<]+)</span>', page, re.S)
    assert sides == [
        ("customer", "Fill the basket"),
        ("customer", "Pay"),
        ("ours", "Pick"),
        ("ours", "Pick"),
        ("customer", "Have it"),
    ]


def test_a_slow_answer_went_wrong_as_a_fault_does(tmp_home: Home, agent: Person, client_of: Clients) -> None:
    put_in([event("basket", "s", 0), event("pay", "s", 1, outcome="ok", latency_ms=4_100.0)])
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    story = said(client_of(agent), f"/journeys/order/entities/{case_key('shop', 's')}/")
    assert "waited 4.1 s, much too long" in story
    assert "One thing went wrong by our fault." in story


def test_every_look_is_on_record(looking: Client, agent: Person) -> None:
    looking.get("/journeys/order/entities/?step=pay&state=lost")
    looking.get(f"/journeys/order/entities/{LOST}/")
    looking.get(f"/customers/{LOST}/")
    looks = AuditEntry.objects.filter(verb="customer.looked_at")
    assert [(look.actor, look.target) for look in looks] == [(agent.username, str(LOST))] * 3


def test_the_whole_story_is_shown_without_a_journey(looking: Client) -> None:
    shown = said(looking, f"/customers/{LOST}/")
    assert "o3" in shown
    assert "4 events on 1 Mar 2024" in shown
    assert "complaint" in shown


@pytest.mark.parametrize(
    "address",
    [
        "/journeys/order/entities/1/",
        "/journeys/order/entities/nobody/",
        f"/journeys/order/entities/{1 << 63}/",
        "/journeys/nothing/entities/",
        "/customers/1/",
        "/customers/x/",
    ],
)
def test_who_is_not_there_is_not_found(looking: Client, address: str) -> None:
    assert looking.get(address).status_code == 404


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("state=gone", "There is no state gone."),
        ("detour=dance", "There is no detour dance."),
        ("step=nowhere", "There is no 'nowhere' here; there are basket"),
        ("edge_from=basket&edge_to=nowhere", "There is no 'nowhere' here"),
    ],
)
def test_what_is_not_there_is_told(looking: Client, asked: str, problem: str) -> None:
    assert problem in said(looking, f"/journeys/order/entities/?{asked}")


def test_long_lists_come_in_pages(tmp_home: Home, agent: Person, client_of: Clients) -> None:
    put_in([event("basket", f"c{number:03}", number) for number in range(120)])
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    client = client_of(agent)
    assert "1 to 50 of 120" in said(client, "/journeys/order/entities/?state=reached")
    last = said(client, "/journeys/order/entities/?state=reached&page=3")
    assert "101 to 120 of 120" in last
    assert "c000" in last
    assert "101 to 120 of 120" in said(client, "/journeys/order/entities/?state=reached&page=99")


def test_nobody_is_told_in_words(looking: Client) -> None:
    assert "No one fits what was asked." in said(looking, "/journeys/order/entities/?step=got_it&state=lost")
