"""The pages of a journey's measures: the records' own numbers, and behind each number its people."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

import pytest
from django.test import Client
from journey_events import JOURNEY, event, put_in
from test_losing import orders

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.journeys.actions import apply_journey
from towpath.journeys.measures.selection import Selection
from towpath.journeys.pages.paths import connected
from towpath.journeys.queries.funnels import funnel
from towpath.journeys.schemas.paths import Edge

pytestmark = pytest.mark.django_db
MEASURES = ("funnel", "flow", "segments", "losses", "friction")
Clients = Callable[[Person], Client]


class Links(HTMLParser):
    """(address, text) of every link; those in a drawing are left out, as they hold several numbers."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[str] | None = None
        self.feed(re.sub(r"<svg.*?</svg>", "", page, flags=re.S))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._open = [dict(attrs).get("href") or ""]

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open is not None:
            self.found.append((self._open[0], "".join(self._open[1:]).strip()))
            self._open = None


@pytest.fixture
def looking(shop: Home, agent: Person, client_of: Clients) -> Client:
    return client_of(agent)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def people_behind(client: Client, address: str) -> int:
    found = re.search(r'class="subtitle"><strong>([\d,]+)</strong>', page(client, address))
    assert found, address
    return int(found[1].replace(",", ""))


def numbers_of(shown: str) -> list[tuple[str, int]]:
    """Where a page's numbers lead, and what they are."""
    return [
        (address, int(said[0].replace(",", "")))
        for address, text in Links(shown).found
        if "/entities/" in address and (said := re.match(r"([\d,]+)(?!.*%)", text))
    ]


@pytest.mark.parametrize(
    "asked",
    [
        "funnel/",
        "funnel/?by=channel",
        "funnel/?mode=any&to=2024-03-02",
        "flow/",
        "flow/?over=types",
        "flow/?over=inside&connections=3",
        "flow/?by=channel&segment=web",
        "segments/?by=channel",
        "losses/",
        "friction/",
        "friction/?from=2024-03-01&to=2024-03-01",
    ],
)
def test_every_number_opens_as_many_people_as_it_says(looking: Client, asked: str) -> None:
    numbers = numbers_of(page(looking, f"/journeys/order/{asked}"))
    assert numbers
    assert [(at, people_behind(looking, at)) for at, _count in numbers] == numbers


@pytest.mark.parametrize(
    ("asked", "least"),
    [
        ("segments/?by=channel", 5),
        ("segments/?by=channel&window=20d", 4),
        ("losses/", 3),
        ("losses/?mode=strict&from=2024-03-04&to=2024-03-06", 3),
        ("losses/?mode=first-touch&window=2d", 3),
    ],
)
def test_numbers_of_those_who_were_followed_open_to_as_many(
    tmp_home: Home, agent: Person, client_of: Clients, asked: str, least: int
) -> None:
    rows = orders(5, harm=0.5)
    for number in range(0, 600, 3):
        rows.append(event("basket", f"c{number}", 24 * 25 + number % 9, channel="web"))
        rows.append(event("pay", f"c{number}", 24 * 25 + 10, outcome="fault" if number % 2 else "ok"))
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY.replace("window: 10d", "window: 40d"), "order.yaml")
    client = client_of(agent)
    numbers = numbers_of(page(client, f"/journeys/order/{asked}"))
    assert len({count for _at, count in numbers}) >= least
    assert [(at, people_behind(client, at)) for at, _count in numbers] == numbers


def test_the_funnel_shows_the_record_s_numbers_and_says_the_most_important(looking: Client) -> None:
    shown = words(page(looking, "/journeys/order/funnel/"))
    record = funnel(OPERATOR, "order", Selection())
    for step in record.steps:
        assert f"{step.name}" in shown
        assert f"{step.reached} reached it" in shown
    assert "Most are lost at “Fill the basket”: 1 of the 5 who reached it (20.0 %)." in shown
    assert "too little data" in shown
    assert "median from the step before" in shown


def test_conversion_has_its_interval_beside_it(tmp_home: Home, agent: Person, client_of: Clients) -> None:
    put_in(orders(1, harm=0.5))
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    record = funnel(OPERATOR, "order", Selection()).conversion
    shown = words(page(client_of(agent), "/journeys/order/funnel/?by=channel"))
    assert record.estimate is not None
    assert record.low is not None
    assert record.high is not None
    assert f"{record.estimate:.1%}".replace("%", " %") in shown
    assert f"{record.low * 100:.1f} to {record.high:.1%}".replace("%", " %") in shown
    assert "Compared by channel" in shown
    assert re.search(r"How long each step took them.*web 30 min .* app 30 min", shown)


def test_the_paths_show_ways_and_what_the_lost_did_next(looking: Client) -> None:
    shown = words(page(looking, "/journeys/order/flow/"))
    assert "5 different ways" in shown
    assert "What the lost did next" in shown
    drawn = page(looking, "/journeys/order/flow/")
    assert 'aria-label="Fill the basket → Pay: 3 times, median 1 h"' in drawn
    assert "Pick" not in words(drawn)
    assert "Pick" in words(page(looking, "/journeys/order/flow/?over=inside"))


def test_a_source_flows_without_a_journey(looking: Client) -> None:
    shown = page(looking, "/events/sources/shop/flow/")
    assert "basket" in shown
    numbers = [
        (address, int(text))
        for address, text in Links(shown).found
        if "/entities/" in address and text.isdigit()
    ]
    assert [(at, people_behind(looking, at)) for at, _count in numbers] == numbers
    people = page(looking, "/events/sources/shop/entities/?edge_from=basket&edge_to=pay")
    assert {"o1", "o2", "o3"} <= set(words(people).split())
    assert "/customers/" in people
    assert looking.get("/events/sources/nowhere/flow/").status_code == 404


def test_segments_ask_for_an_attribute_and_offer_those_that_there_are(looking: Client) -> None:
    shown = page(looking, "/journeys/order/segments/")
    assert "Choose what to compare by" in shown
    assert '?by=channel"' in shown
    assert '?by=returning"' in shown
    assert '?by=data.phase"' in shown
    assert '?by=version"' not in shown
    assert "Too little data to compare by channel." in page(looking, "/journeys/order/segments/?by=channel")


def test_a_segment_that_differs_is_told_in_words(tmp_home: Home, agent: Person, client_of: Clients) -> None:
    rows = [event("basket", "last", 24 * 30)]
    for number in range(400):
        rows.append(event("basket", f"c{number}", number % 48, channel="web" if number % 2 else "phone"))
        rows.append(event("pay", f"c{number}", number % 48 + 1))
        if number % 2 or number % 8 == 0:
            rows.append(event("delivered", f"c{number}", number % 48 + 30 + number % 7))
    put_in(rows)
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    client = client_of(agent)
    shown = words(page(client, "/journeys/order/segments/?by=channel"))
    assert "“phone” finishes less often than the rest: 25.0 % against 100.0 %." in shown
    assert "better than the rest" in shown
    assert "worse than the rest" in shown
    assert "When those who finish do so" in page(client, "/journeys/order/funnel/")


def test_loss_is_worded_together_with_and_never_caused_by(
    tmp_home: Home, agent: Person, client_of: Clients
) -> None:
    put_in(orders(1, harm=0.5))
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    client = client_of(agent)
    shown = words(page(client, "/journeys/order/losses/"))
    assert re.search(r"\d+ \(\d+ to \d+\) were lost beyond .* together with a bad experience at “Pay”", shown)
    assert "lost together with a bad experience" in shown
    assert "not measurable yet" in shown
    assert re.search(r"€[\d,]+ to €[\d,]+", shown)
    assert not re.search(r"caused by|because", shown)


def test_friction_and_turns_are_told(looking: Client) -> None:
    shown = words(page(looking, "/journeys/order/friction/"))
    assert re.search(r"\d+ % of the time it is the turn of the customer\.", shown)
    assert "Carrier" in shown
    assert "Channel changed" in shown


@pytest.mark.parametrize("measure", MEASURES)
def test_what_is_not_understood_is_told_and_the_rest_is_shown(looking: Client, measure: str) -> None:
    asked = f"/journeys/order/{measure}/?mode=sideways&window=soon&from=yesterday&by=colour"
    shown = page(looking, asked)
    for problem in ("There is no mode sideways", "'soon' is no duration", "yesterday is no date", "'colour'"):
        assert problem in shown
    assert "Ask for all" not in shown


@pytest.mark.parametrize("measure", ["funnel", "flow", "losses", "friction"])
def test_an_empty_journey_says_what_to_do_next(
    tmp_home: Home, agent: Person, client_of: Clients, measure: str
) -> None:
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    shown = page(client_of(agent), f"/journeys/order/{measure}/")
    assert "Nobody entered this journey" in shown
    assert "/events/import/" in shown


def test_a_period_in_which_nobody_entered_leads_back_to_all(looking: Client) -> None:
    shown = page(looking, "/journeys/order/funnel/?from=2030-01-01")
    assert "Nobody fits what is asked above." in shown
    assert 'href="/journeys/order/funnel/">Ask for all' in shown


def test_the_question_goes_along_with_the_tabs_and_the_form(looking: Client) -> None:
    shown = page(looking, "/journeys/order/flow/?window=5d&over=inside")
    assert 'href="/journeys/order/funnel/?window=5d"' in shown
    assert '<input type="hidden" name="over" value="inside">' in shown
    assert "In order · within 5d · all entries" in shown


@pytest.mark.parametrize("measure", [*MEASURES, "entities"])
def test_customers_see_no_measure_and_strangers_sign_in(
    shop: Home, customer_person: Person, client_of: Clients, measure: str
) -> None:
    assert client_of(customer_person).get(f"/journeys/order/{measure}/").status_code == 403
    assert Client().get(f"/journeys/order/{measure}/").status_code == 302


def test_a_flow_of_few_connections_still_shows_where_each_activity_is_come_from() -> None:
    def edge(start: str, end: str, count: int) -> Edge:
        return Edge(start, end, count, 1.0, count, 1.0, 1.0)

    edges = [
        edge("b", "c", 90),
        edge("c", "c", 80),
        edge("a", "b", 60),
        edge("d", "c", 50),
        edge("c", "e", 40),
    ]
    assert connected(edges, 1, {"a": 60}, {"e": 40}) == [edges[0], edges[2], edges[4]]
    assert connected(edges, 1, {"b": 70}, {"c": 95}) == [edges[0]]
    assert connected(edges, 9, {}, {}) == edges
