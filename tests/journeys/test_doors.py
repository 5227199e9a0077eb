"""The command line and the API show the same records, to those who may see them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from journey_events import JOURNEY, event, put_in

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.journeys.actions import apply_journey
from towpath.journeys.measures.choosing import Choice
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries.people import people
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
MEASURES = ("funnel", "flow", "variants", "times", "loss", "friction", "turns", "after-loss")
Clients = Callable[[Person], Client]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_json_begins_with_the_promised_fields(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    funnel = printed(capsys, "funnel", "order")
    assert list(funnel)[:5] == ["journey", "as_of", "entered", "steps", "conversion"]
    assert list(funnel["steps"][0])[:7] == [
        "key",
        "reached",
        "completed",
        "open",
        "finished_otherwise",
        "lost",
        "median_seconds_from_previous",
    ]
    assert list(funnel["conversion"])[:3] == ["estimate", "low", "high"]
    assert (funnel["as_of"], "segments" in funnel) == ("2024-03-21T08:00:00Z", False)
    flow = printed(capsys, "flow", "order")
    assert (next(iter(flow)), list(flow["edges"][0])[:4]) == (
        "edges",
        ["from", "to", "count", "median_seconds"],
    )
    variants = printed(capsys, "variants", "order", "--top", "2")
    assert list(variants)[:3] == ["cases", "distinct", "variants"]
    assert [list(each) for each in variants["variants"]] == [["steps", "count"]] * 2


def test_every_measure_is_the_same_record_on_the_command_line_and_in_the_api(
    shop: Home, agent: Person, client_of: Clients, capsys: pytest.CaptureFixture[str]
) -> None:
    client = client_of(agent)
    for measure in MEASURES:
        mode = "ordered" if measure in {"friction", "turns"} else "first-touch"
        answer = client.get(f"/api/journeys/order/{measure}?window=5d&to=2024-03-02&mode={mode}")
        asked = ["--window", "5d", "--to", "2024-03-02", "--mode", mode]
        assert (measure, answer.status_code) == (measure, 200)
        assert answer.json() == printed(capsys, measure, "order", *asked)
    segments = client.get("/api/journeys/order/segments?by=channel").json()
    assert segments == printed(capsys, "segments", "order", "--by", "channel")
    assert client.get("/api/journeys/order/fit").json() == printed(capsys, "journeys", "check", "order")
    assert client.get("/api/journeys").json() == printed(capsys, "journeys", "list")
    assert client.get("/api/journeys/order/blueprint").json()["entered"] == 5


def test_without_json_a_table_for_people_is_printed(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    for measure in (*MEASURES, "journeys list", "journeys check order"):
        words = measure.split() if " " in measure else [measure, "order"]
        capsys.readouterr()
        assert run(words) == 0
        out = capsys.readouterr().out
        assert "order" in out
        assert "{" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["funnel", "nothing"], "There are: order"),
        (["flow", "nothing"], "Sources: shop"),
        (["funnel", "shop"], "no journey 'shop'"),
        (["funnel", "order", "--window", "soon"], "180d"),
        (["funnel", "order", "--from", "yesterday"], "2012-01-31"),
        (["funnel", "order", "--by", "colour"], "channel"),
        (["flow", "order", "--mode", "any"], "ordered"),
        (["segments", "order"], "compare by"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_says_what_can(
    shop: Home, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert run(arguments) == 2
    told = capsys.readouterr()
    assert (told.out, words in told.err) == ("", True), told.err


def test_apply_and_export_go_round(
    tmp_home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(JOURNEY, encoding="utf-8")
    assert run(["journeys", "apply", str(file)]) == 0
    assert "order is now version 1" in capsys.readouterr().out
    assert run(["journeys", "export", "order"]) == 0
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    assert printed(capsys, "journeys", "apply", str(file)) == {"journey": "order", "version": 1, "new": False}
    file.write_text("key: order\nname: [", encoding="utf-8")
    assert run(["journeys", "apply", str(file)]) == 2
    assert f"{file}, line 2" in capsys.readouterr().err


def test_a_journey_is_put_and_got_as_yaml(
    service_manager: Person, client_of: Clients, key_client: Callable[..., Client], tmp_home: Home
) -> None:
    client = key_client(["journeys:read", "journeys:write"])
    made = client.put("/api/journeys/order", JOURNEY, content_type="application/yaml")
    assert (made.status_code, made.json()) == (201, {"journey": "order", "version": 1, "new": True})
    text = client.get("/api/journeys/order").content
    again = client.put("/api/journeys/order", text, content_type="application/yaml")
    assert (again.status_code, again.json()["new"]) == (200, False)
    wrong = client.put("/api/journeys/claim", JOURNEY, content_type="application/yaml")
    assert wrong.status_code == 422
    assert client.put("/api/journeys/order", b"\xff", content_type="application/yaml").status_code == 422


def test_who_changed_an_older_version_is_refused(
    service_manager: Person,
    key_client: Callable[..., Client],
    tmp_home: Home,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = key_client(["journeys:read", "journeys:write"])

    def put(name: str, seen: int) -> Any:
        text = JOURNEY.replace("name: Order\n", f"name: {name}\n")
        return client.put(f"/api/journeys/order?seen={seen}", text, content_type="application/yaml")

    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    assert put("Theirs", 1).status_code == 201
    refused = put("Mine", 1)
    assert (refused.status_code, refused["Content-Type"]) == (409, "application/problem+json")
    assert "Version 2 is in force" in refused.content.decode()
    file = tmp_path / "order.yaml"
    file.write_text(JOURNEY)
    assert run(["journeys", "apply", str(file), "--seen", "1"]) == 2
    assert "Version 2 is in force" in capsys.readouterr().err
    assert run(["journeys", "apply", str(file), "--seen", "2"]) == 0
    assert put("Mine", 10**30).status_code == 422


def test_errors_are_problems_with_the_line(key_client: Callable[..., Client], tmp_home: Home) -> None:
    client = key_client(["journeys:read", "journeys:write"])
    bad = JOURNEY.replace("then: desk", "then: nobody")
    answer = client.put("/api/journeys/order", bad, content_type="application/yaml")
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    (error,) = answer.json()["errors"]
    assert error["location"] == "body/line 9"
    assert "use customer, desk, carrier" in error["detail"]
    missing = client.get("/api/journeys/claim/funnel")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")
    client.put("/api/journeys/order", JOURNEY, content_type="application/yaml")
    for query in ("by=colour", "window=soon", "from=then", "mode=some"):
        answer = client.get(f"/api/journeys/order/funnel?{query}")
        assert (query, answer.status_code, answer["Content-Type"]) == (query, 422, "application/problem+json")


def test_who_may_do_what(
    shop: Home, agent: Person, service_manager: Person, customer_person: Person, client_of: Clients
) -> None:
    def status(person: Person | None, method: str, path: str) -> int:
        client = client_of(person) if person else Client()
        answer = client.generic(method, f"/api/journeys{path}", JOURNEY, content_type="application/yaml")
        return int(answer.status_code)

    for path in ("", "/order", "/order/funnel", "/order/people"):
        found = [status(person, "GET", path) for person in (service_manager, agent, customer_person, None)]
        assert (path, found) == (path, [200, 200, 403, 401])
    found = [status(person, "PUT", "/order") for person in (service_manager, agent, customer_person, None)]
    assert found == [200, 403, 403, 401]


def test_the_people_behind_a_number_and_their_story_are_looked_at_on_record(
    shop: Home, agent: Person, client_of: Clients
) -> None:
    client = client_of(agent)
    shown = client.get("/api/journeys/order/people?step=pay&state=lost").json()
    assert (shown["total"], shown["travellers"][0]["name"]) == (1, "o3")
    entity = shown["travellers"][0]["entity"]
    told = client.get(f"/api/journeys/order/people/{entity}").json()
    assert [each["activities"] for each in told["events"]] == [["basket"], ["pay"], ["pay"], []]
    assert [each["turn"] for each in told["events"]] == ["the customer", "Desk", "Desk", None]
    assert (told["state"], told["furthest"], told["story"]["cases"]) == ("lost", "pay", ["o3"])
    looks = AuditEntry.objects.filter(verb="customer.looked_at")
    assert [(look.actor, look.target) for look in looks] == [(agent.username, entity)] * 2
    assert client.get("/api/journeys/order/people/1").status_code == 404
    assert client.get("/api/journeys/order/people?step=nowhere").status_code == 422


def test_a_page_of_people_goes_on_where_the_one_before_ended(shop: Home) -> None:
    choice = Choice(step="basket", state="reached")
    pages = [people(OPERATOR, "order", Selection(), choice, offset=at, limit=2) for at in (0, 2, 4)]
    names = [each.name for page in pages for each in page.travellers]
    assert (names[0], sorted(names)) == ("o4", ["o1", "o2", "o3", "o4", "o5"])
    assert {page.total for page in pages} == {5}


def test_a_case_whose_customer_was_known_later_is_listed_with_all_its_events(
    db: None, tmp_home: Home
) -> None:
    known = {"identifier": "mail:a@shop.example"}
    put_in([event("basket", "o1", 0), event("pay", "o1", 1, **known), event("delivered", "o1", 2, **known)])
    apply_journey(OPERATOR, JOURNEY, "order.yaml")
    (found,) = people(OPERATOR, "order", Selection(), Choice(step="basket")).travellers
    assert (found.name, found.events, found.last_event) == ("o1", 3, "delivered")
