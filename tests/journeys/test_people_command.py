"""Blueprint and people on the command line: the records of the API, and the look at people on record."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db
Clients = Callable[[Person], Client]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def reader(agent: Person, client_of: Clients) -> Client:
    return client_of(agent)


def test_the_blueprint_is_the_record_of_the_api(
    shop: Home, reader: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = reader.get("/api/journeys/order/blueprint?window=5d").json()
    assert answer == printed(capsys, "blueprint", "order", "--window", "5d")
    assert run(["blueprint", "order"]) == 0
    table = capsys.readouterr().out
    assert "declined" in table
    assert "│ Pick" in table
    assert "RuleFit" not in table


@pytest.mark.parametrize(
    ("options", "query"),
    [
        (["--step", "pay"], "step=pay"),
        (["--step", "pay", "--state", "lost"], "step=pay&state=lost"),
        (["--outcome", "declined", "--limit", "1"], "outcome=declined&limit=1"),
        (["--edge", "basket", "pay", "--offset", "1"], "edge_from=basket&edge_to=pay&offset=1"),
        (["--variant", "basket", "--variant", "pay", "--over", "steps"], "variant=basket,pay"),
        (["--segment", "web", "--by", "channel"], "segment=web&by=channel"),
        (
            ["--step", "basket", "--state", "lost", "--next", "(nothing)"],
            "step=basket&state=lost&next=(nothing)",
        ),
        (["--detour", "repeats"], "detour=repeats"),
        (["--bad", "--step", "pay"], "bad=true&step=pay"),
    ],
)
def test_the_people_behind_a_number_are_the_record_of_the_api(
    shop: Home, reader: Client, capsys: pytest.CaptureFixture[str], options: list[str], query: str
) -> None:
    answer = reader.get(f"/api/journeys/order/people?{query}")
    assert answer.status_code == 200
    assert answer.json() == printed(capsys, "people", "order", *options)


def test_a_look_at_people_on_the_command_line_is_kept(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "people", "order", "--step", "basket")
    looked = {each["entity"] for each in found["travellers"]}
    entry = AuditEntry.objects.get(verb="customer.looked_at")
    assert (entry.actor_kind, set((entry.after or {})["looked_at"])) == ("operator", looked)


def test_one_customers_way_is_the_record_of_the_api(
    shop: Home, reader: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = printed(capsys, "people", "order", "--step", "pay", "--state", "lost")["travellers"]
    entity = found["entity"]
    told = printed(capsys, "journeys", "story", "order", entity)
    assert told == reader.get(f"/api/journeys/order/people/{entity}").json()
    assert [each["activities"] for each in told["events"]] == [["basket"], ["pay"], ["pay"], []]
    assert run(["journeys", "story", "order", entity]) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert (first, len(rest), "(" in rest[0]) == ("o3  lost  pay", 4, True)
    assert AuditEntry.objects.filter(verb="customer.looked_at", target=entity).count() == 4
    assert run(["journeys", "story", "order", "1"]) == 2


HUGE = 10**30


@pytest.mark.parametrize(
    "address",
    [
        "/api/journeys/order/people?offset={huge}",
        "/api/journeys/order/people?limit={huge}",
        "/api/journeys/order/people/{huge}",
        "/api/journeys/order/variants?top={huge}",
        "/api/customers/{entity}/story?offset={huge}",
        "/api/customers/{entity}/story?limit={huge}",
        "/api/customers/{huge}/story",
        "/journeys/order/entities/?page={huge}",
        "/customers/{entity}/?page={huge}",
        "/journeys/order/definition.yaml?version={huge}",
    ],
)
def test_a_huge_number_is_answered_and_fails_nobody(
    shop: Home, reader: Client, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    entity = printed(capsys, "people", "order")["travellers"][0]["entity"]
    answer = reader.get(address.format(huge=HUGE, entity=entity))
    if address.startswith("/api/"):
        assert (answer.status_code in (404, 422), answer["Content-Type"]) == (
            True,
            "application/problem+json",
        )
    else:
        assert answer.status_code in (200, 404)


def test_a_huge_offset_is_told_on_the_command_line(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["people", "order"], ["customer", "story", "1"]):
        assert run([*command, "--offset", str(HUGE)]) == 2
        assert "10000000" in capsys.readouterr().err


def test_a_key_that_is_not_there_is_told_with_those_that_are(
    shop: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["people", "order", "--step", "elsewhere"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("towpath: There is no 'elsewhere' here")
    assert "basket" in told
