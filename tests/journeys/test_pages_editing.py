"""A journey is drawn and changed in forms: what was typed stays, what is wrong is told, the rest is kept."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

import pytest
from django.http import HttpResponse
from django.test import Client
from journey_events import JOURNEY, event, put_in, shop_events

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.journeys.actions import apply_journey
from towpath.journeys.models import JourneyVersion
from towpath.journeys.queries.drafts import draft_from
from towpath.journeys.queries.journeys import definition
from towpath.journeys.rules.definition import Definition, Turn

pytestmark = pytest.mark.django_db
Clients = Callable[[Person], Client]
EDIT = "/journeys/order/edit/"


class Fields(HTMLParser):
    """What a browser would send of a page's forms."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.typed: dict[str, str] = {}
        self._select = self._area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "input" and given.get("type") in {"checkbox", "radio"}:
            if "checked" in given:
                self.typed[name] = given.get("value", "on")
        elif tag == "input" and name:
            self.typed[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.typed):
            self.typed[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area, self.typed[name] = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.typed[self._area] += data


@pytest.fixture
def drawing(shop: Home, service_manager: Person, client_of: Clients) -> Client:
    return client_of(service_manager)


def typed(client: Client, address: str = EDIT) -> dict[str, str]:
    return Fields(client.get(address).content.decode()).typed


def posted(client: Client, fields: dict[str, str], do: str = "apply", address: str = EDIT) -> HttpResponse:
    answer: HttpResponse = client.post(address, {**fields, "do": do})  # type: ignore[assignment]
    return answer


def text(answer: HttpResponse) -> str:
    return unescape(answer.content.decode())


def turns(found: Definition) -> tuple[Turn, ...]:
    """The turns of the first inside item."""
    then = found.inside[0].then
    assert not isinstance(then, str)
    return then


def steps() -> list[str]:
    return [step.key for step in definition(OPERATOR, "order").steps]


def test_applying_what_is_there_changes_nothing(drawing: Client) -> None:
    before = definition(OPERATOR, "order")
    assert posted(drawing, typed(drawing)).status_code == 302
    assert JourneyVersion.objects.count() == 1
    assert definition(OPERATOR, "order") == before


def test_a_step_is_added_between_two_others(drawing: Client) -> None:
    grown = posted(drawing, typed(drawing), "add-steps")
    fields = Fields(grown.content.decode()).typed
    assert fields["steps-TOTAL_FORMS"] == "4"
    fields |= {
        "steps-3-name": "Choose delivery",
        "steps-3-key": "delivery",
        "steps-3-match": "picking, picked",
        "steps-3-ORDER": "2",
        "steps-1-ORDER": "3",
        "steps-2-ORDER": "4",
    }
    assert posted(drawing, fields).status_code == 302
    assert steps() == ["basket", "delivery", "pay", "got_it"]
    assert definition(OPERATOR, "order").steps[1].match == {"type": ["picking", "picked"]}


def test_several_can_be_added_before_any_is_filled_in(drawing: Client) -> None:
    fields = typed(drawing) | {"steps-0-name": "Pick things", "window": "nonsense"}
    for do, count in (("add-steps", 4), ("add-steps", 5), ("add-outcomes", 5)):
        grown = posted(drawing, fields, do)
        assert grown.status_code == 200
        fields = Fields(grown.content.decode()).typed
        assert fields["steps-TOTAL_FORMS"] == str(count)
    assert fields["outcomes-TOTAL_FORMS"] == "2"
    assert fields["steps-0-name"] == "Pick things"
    assert posted(drawing, fields | {"window": "10d"}).status_code == 302
    found = definition(OPERATOR, "order")
    assert ([step.name for step in found.steps], len(found.outcomes)) == (
        ["Pick things", "Pay", "Have it"],
        1,
    )


def test_steps_change_their_places_and_go(drawing: Client) -> None:
    fields = typed(drawing) | {"steps-0-ORDER": "2", "steps-1-ORDER": "1", "steps-2-DELETE": "on"}
    assert posted(drawing, fields).status_code == 302
    assert steps() == ["pay", "basket"]


def test_what_the_forms_do_not_show_is_kept(drawing: Client) -> None:
    fields = typed(drawing) | {"inside-0-name": "Pick and pack", "steps-1-name": "Pay at once"}
    assert posted(drawing, fields).status_code == 302
    found = definition(OPERATOR, "order")
    assert found.inside[0].name == "Pick and pack"
    assert [turn.when for turn in turns(found)] == [{"data.phase": "done"}]
    assert found.steps[1].target == "1s"


def test_a_new_key_keeps_what_belongs_to_the_part(drawing: Client) -> None:
    assert posted(drawing, typed(drawing) | {"inside-0-key": "packing"}).status_code == 302
    assert [turn.whose for turn in turns(definition(OPERATOR, "order"))] == ["carrier"]


def test_turns_that_depend_on_the_event_are_kept_until_someone_says_otherwise(
    shop: Home, service_manager: Person, client_of: Clients
) -> None:
    from towpath.journeys.actions import apply_journey

    depends = "then: [{whose: carrier, when: {channel: post}}, {whose: desk}]"
    apply_journey(OPERATOR, JOURNEY.replace("target: 1s, then: desk", f"target: 1s, {depends}"), "order.yaml")
    client = client_of(service_manager)
    fields = typed(client)
    assert fields["steps-1-then"] == "it depends (see the YAML)"
    answer = posted(client, fields | {"steps-1-name": "Pay now"})
    assert answer.status_code == 302, [line for line in text(answer).splitlines() if "error" in line]
    step = definition(OPERATOR, "order").steps[1]
    assert (step.name, len(step.then)) == ("Pay now", 2)
    posted(client, typed(client) | {"steps-1-then": "customer"})
    assert definition(OPERATOR, "order").steps[1].then == "customer"
    posted(client, typed(client) | {"steps-1-then": ""})
    assert definition(OPERATOR, "order").steps[1].then == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"steps-1-match": "{type: [pay, "}, "line"),
        ({"steps-1-match": "{type: {wrong: 1}}"}, "steps, number 2"),
        ({"steps-1-then": "nobody"}, "use customer, desk, carrier"),
        ({"steps-1-key": "basket"}, "basket"),
        ({"steps-1-name": ""}, "This field is required."),
        ({"steps-1-target": "fast"}, "fast"),
        ({"inside-0-behind": "paying"}, "paying"),
        ({"window": "soon"}, "180d"),
        ({"key": "other"}, "expected was 'order'"),
        ({"steps-0-DELETE": "on", "steps-1-DELETE": "on", "steps-2-DELETE": "on"}, "steps"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
    drawing: Client, change: dict[str, str], told: str
) -> None:
    sent = typed(drawing) | {"description": "From basket to door"} | change
    del sent["csrfmiddlewaretoken"]
    answer = posted(drawing, sent)
    assert answer.status_code == 422
    assert told in text(answer)
    again = Fields(answer.content.decode()).typed
    assert {name: again.get(name) for name in sent} == sent
    assert JourneyVersion.objects.count() == 1


def test_a_new_journey_is_proposed_from_the_events_and_applied(
    tmp_home: Home, service_manager: Person, client_of: Clients
) -> None:
    put_in(shop_events())
    client = client_of(service_manager)
    fields = typed(client, "/journeys/new/?source=shop")
    names = [fields[f"steps-{i}-name"] for i in range(int(fields["steps-TOTAL_FORMS"]))]
    assert (names[0], "pay" in names) == ("basket", True)
    answer = posted(client, fields, address="/journeys/new/?source=shop")
    assert (answer.status_code, answer["Location"]) == (302, "/journeys/shop/")
    assert client.get("/journeys/shop/").status_code == 200
    again = posted(client, fields, address="/journeys/new/?source=shop")
    assert again.status_code == 422
    assert "There is a journey with the key shop already" in text(again)


def test_a_part_without_a_key_gets_one_from_its_name(drawing: Client) -> None:
    fields = Fields(text(posted(drawing, typed(drawing), "add-outcomes"))).typed
    fields |= {"outcomes-1-name": "Cancelled by phone", "outcomes-1-key": "", "outcomes-1-match": "phone"}
    assert posted(drawing, fields).status_code == 302
    assert [outcome.key for outcome in definition(OPERATOR, "order").outcomes] == [
        "declined",
        "cancelled-by-phone",
    ]


def test_an_error_far_down_the_page_is_told_at_its_top(drawing: Client) -> None:
    fields = typed(drawing) | {"outcomes-0-match": ""}
    page = text(posted(drawing, fields))
    assert page.index("Nothing is applied yet") < page.index("This field is required.")


def test_a_draft_follows_the_way_that_most_take_and_takes_side_exits_for_outcomes(tmp_home: Home) -> None:
    """Those who are refused early must not pull what everybody meets behind what only few do."""
    refused = [event(name, f"no{i}", at) for i in range(6) for at, name in enumerate(("ask", "check", "no"))]
    way = ("ask", "check", "offer", "sign", "pay")
    served = [event(name, f"yes{i}", at) for i in range(4) for at, name in enumerate(way)]
    put_in([*refused, *served, event("no", "yes9", 3), event("offer", "yes9", 2)])
    drawn = draft_from(OPERATOR, "shop")
    assert [step.name for step in drawn.steps] == list(way)
    assert [(outcome.name, outcome.kind) for outcome in drawn.outcomes] == [("no", "other")]


def test_a_draft_lets_a_step_be_passed_over_that_more_than_a_tenth_of_the_later_ones_left_out(
    tmp_home: Home,
) -> None:
    """Two of ten pay without advice: it may be passed over. One of ten does not sign: that is no habit."""
    way = ("ask", "advice", "sign", "pay")
    for case in range(10):
        left_out = {0: "advice", 1: "advice", 2: "sign"}.get(case)
        put_in([event(name, f"c{case}", at) for at, name in enumerate(way) if name != left_out])
    put_in([event(name, f"c{case}", 9) for case in (0, 3) for name in ("advice",)])
    put_in(
        [event("ask", f"gone{i}", 0) for i in range(5)]
        + [event("Cancelled", f"gone{i}", 1) for i in range(5)]
    )
    drawn = draft_from(OPERATOR, "shop")
    assert [(step.name, step.optional) for step in drawn.steps] == [
        ("ask", False),
        ("advice", True),
        ("sign", False),
        ("pay", False),
    ]
    assert [(outcome.name, outcome.kind) for outcome in drawn.outcomes] == [("Cancelled", "cancelled")]


def test_an_unknown_source_is_told_and_the_others_are_offered(drawing: Client) -> None:
    page = text(drawing.get("/journeys/new/?source=elsewhere"))  # type: ignore[arg-type]
    assert "There is no source “elsewhere” with events." in page
    assert "<option>shop</option>" in page


def test_the_yaml_is_edited_with_its_line_in_the_error(drawing: Client) -> None:
    address = "/journeys/order/edit/yaml/"
    wrong = JOURNEY.replace("then: desk", "then: nobody")
    answer = drawing.post(address, {"text": wrong})
    page = text(answer)  # type: ignore[arg-type]
    assert (answer.status_code, "line 9" in page, "then: nobody" in page) == (422, True, True)
    better = JOURNEY.replace("name: Pay,", "name: Pay it,")
    assert drawing.post(address, {"text": better}).status_code == 302
    assert definition(OPERATOR, "order").steps[1].name == "Pay it"
    emptied = drawing.post(address, {"text": ""})
    assert emptied.status_code == 422


def test_the_definition_tells_its_fit_its_versions_and_its_yaml(drawing: Client) -> None:
    page = text(drawing.get("/journeys/order/definition/"))  # type: ignore[arg-type]
    assert "complaint" in page
    assert "window: 10d" in page
    got = drawing.get("/journeys/order/definition.yaml?version=1")
    assert got["Content-Type"].startswith("application/yaml")
    assert "key: order" in got.content.decode()
    assert drawing.get("/journeys/order/definition.yaml?version=9").status_code == 404


def test_only_who_may_write_sees_the_way_to_edit(
    shop: Home, agent: Person, service_manager: Person, client_of: Clients
) -> None:
    for person, may in ((agent, False), (service_manager, True)):
        client = client_of(person)
        assert (client.get(EDIT).status_code == 200) == may
        assert (EDIT in client.get("/journeys/order/").content.decode()) == may


@pytest.mark.parametrize("address", [EDIT, f"{EDIT}yaml/"])
def test_of_two_who_change_a_journey_the_second_is_told_and_loses_nothing(
    shop: Home, service_manager: Person, client_of: Clients, address: str
) -> None:
    client = client_of(service_manager)
    fields = Fields(client.get(address).content.decode()).typed | {"do": "apply"}
    assert fields["seen"] == "1"
    apply_journey(OPERATOR, JOURNEY.replace("name: Order\n", "name: Theirs\n"), "order.yaml")
    mine = {name: value.replace("Have it", "Mine") for name, value in fields.items()}
    refused = client.post(address, mine)
    page = refused.content.decode()
    assert (refused.status_code, "Version 2 came into force meanwhile" in page, "Mine" in page) == (
        409,
        True,
        True,
    )
    assert definition(OPERATOR, "order").name == "Theirs"
    again = mine | {"seen": Fields(page).typed["seen"]}
    assert client.post(address, again).status_code == 302
    assert definition(OPERATOR, "order").steps[-1].name == "Mine"
