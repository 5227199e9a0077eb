"""Every number of funnel, blueprint and the list of journeys opens those whom it counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from journey_events import event, put_in

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.journeys.actions import apply_journey
from towpath.journeys.measures.selection import Selection
from towpath.journeys.queries.funnels import funnel
from towpath.journeys.queries.journeys import export_journey

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<a href="(/journeys/order/entities/[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


@pytest.fixture
def reader(shop: Home, agent: Person, client_of: Callable[[Person], Client]) -> Client:
    put_in([event("basket", "again", at) for at in (1, 2)] + [event("pay", "again", 3)], "more")
    return client_of(agent)


def linked(reader: Client, address: str) -> list[tuple[str, str]]:
    """Address and plain text of every link to people."""
    answer: Any = reader.get(address)
    found = LINK.findall(answer.content.decode())
    return [(unescape(to), " ".join(re.sub(r"<[^>]+>", "", text).split())) for to, text in found]


def listed(reader: Client, address: str) -> int:
    answer: Any = reader.get(address)
    return int(re.search(r"<strong>(\d+)</strong>", answer.content.decode()).group(1))  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", ["ordered", "strict", "any", "first-touch"])
def test_those_who_went_on_are_those_who_did_not_stay(reader: Client, mode: Any) -> None:
    steps = {step.key: step for step in funnel(OPERATOR, "order", Selection(mode)).steps}
    shown = {
        to: text for to, text in linked(reader, f"/journeys/order/funnel/?mode={mode}") if "went_on" in to
    }
    assert len(shown) == len(steps)
    for to, text in shown.items():
        step = steps[re.search("step=([^&]+)", to).group(1)]  # type: ignore[union-attr]
        onward = step.reached - step.lost - step.open - step.finished_otherwise
        assert (int(text.split()[0]), listed(reader, to)) == (onward, onward)


@pytest.mark.parametrize(
    ("page", "some"),
    [
        ("/journeys/order/", ("outcome=declined", "step=pay&state=reached", "state=lost")),
        ("/journeys/", ("state=reached", "state=lost")),
    ],
)
def test_numbers_of_blueprint_and_list_open_as_many(reader: Client, page: str, some: tuple[str, ...]) -> None:
    found = linked(reader, page)
    for words in some:
        assert any(words in to for to, _text in found), words
    for to, text in found:
        if re.fullmatch(r"\d+", text):
            assert listed(reader, to) == int(text)


def test_what_was_not_measured_is_not_said_to_be_fast(reader: Client, tmp_home: Home) -> None:
    """Without targets nothing counts as slow, which must not read as if all had been quick."""
    text = (
        export_journey(OPERATOR, "order")
        .replace("  target: 1s\n", "")
        .replace("key: order\n", "key: calm\n", 1)
    )
    assert "target" not in text
    apply_journey(OPERATOR, text.replace("type: pay", "type: pay, outcome: ok"), "calm.yaml")
    told = reader.get("/journeys/calm/losses/").content.decode()
    assert "No step has a target" in told
    assert "none took more than four times its target" not in told
