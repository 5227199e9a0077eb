"""Batches that could not be put into the lake: shown under Administration, and brought back by who may."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from django.test import Client
from lake_rows import batch, event

from towpath.events.flushing import flush
from towpath.events.forgetting import _inbox as forget_in_inbox
from towpath.events.keeping.commands import inbox as inbox_command
from towpath.events.keeping.queries import keeping
from towpath.events.keeping.state import measured
from towpath.events.keeping.telling import signs
from towpath.events.store import inbox, lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.forgetting import Person as Forgotten
from towpath.foundation.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tmp_home")]
PAGE = "/administration/set-aside/"


@pytest.fixture
def number() -> int:
    """Of a batch of two events that a flush set aside."""
    lake()
    inbox().accept(batch([event(each) for each in range(2)]))
    inbox().set_aside(1, "ArrowInvalid: offset overflow")
    return 1


def test_the_page_says_what_was_set_aside_and_who_may_brings_it_back(
    client_of: Callable[[Person], Client], administrator: Person, number: int
) -> None:
    client = client_of(administrator)
    told = client.get(PAGE).content.decode()
    assert "offset overflow" in told
    assert client.post(f"{PAGE}{number}/").status_code == 302
    assert "Nothing is set aside" in client.get(PAGE).content.decode()
    assert flush(inbox(), lake()).written == 2
    entry = AuditEntry.objects.get(verb="inbox.brought_back")
    assert (entry.target, entry.after["events"]) == (str(number), 2)


def test_an_agent_neither_sees_it_nor_brings_it_back(
    client_of: Callable[[Person], Client], agent: Person, number: int
) -> None:
    client = client_of(agent)
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}{number}/").status_code == 403
    assert list(inbox().aside()) == [number]


def test_a_batch_that_is_not_there_is_not_brought_back(
    client_of: Callable[[Person], Client], administrator: Person, number: int
) -> None:
    assert client_of(administrator).post(f"{PAGE}{number + 1}/").status_code == 404
    assert not AuditEntry.objects.filter(verb="inbox.brought_back").exists()


def test_the_api_lists_it_and_brings_it_back(key_client: Callable[..., Client], number: int) -> None:
    client = key_client(["keeping:read", "lake:repair"])
    (found,) = client.get("/api/keeping/set-aside").json()
    assert (found["number"], found["events"]) == (number, 2)
    address = f"/api/keeping/set-aside/{number}/bring-back"
    assert key_client(["keeping:read"]).post(address).status_code == 403
    assert client.post(address).status_code == 204
    assert client.post(address).status_code == 404
    assert inbox().fill().events == 2


def test_the_command_lists_it_and_brings_it_back(number: int) -> None:
    shell = CliRunner()
    assert "2 events" in shell.invoke(inbox_command, ["aside"]).output
    assert json.loads(shell.invoke(inbox_command, ["aside", "--json"]).output)[0]["number"] == number
    assert shell.invoke(inbox_command, ["bring-back", str(number)]).exit_code == 0
    again = shell.invoke(inbox_command, ["bring-back", str(number)])
    assert (again.exit_code, "No batch 1" in again.output) == (1, True)
    assert "Nothing is set aside" in shell.invoke(inbox_command, ["aside"]).output


def test_how_towpath_is_says_that_something_was_set_aside(number: int) -> None:
    told = {sign.name: sign for sign in signs(measured())}
    assert told["set-aside"].level == "act"
    assert told["set-aside"].words == "1 batch could not be put into the lake."
    inbox().bring_back(number)
    assert "set-aside" not in {sign.name for sign in keeping(OPERATOR).signs}


def test_somebody_who_is_forgotten_is_forgotten_in_what_was_set_aside_too(number: int) -> None:
    named = event(7, identifier="mail:anna@shop.example")
    inbox().accept(batch([named, event(8)]))
    inbox().set_aside(2, "ArrowInvalid")
    inbox().accept(batch([event(9)]))
    inbox().set_aside(3, "cannot be read")
    with inbox()._using() as connection:
        connection.execute("update aside set content = x'00ff' where number = 3")
    person = Forgotten(("mail:anna@shop.example",), frozenset({named["key"]}), named["time"])
    assert forget_in_inbox(person) == 2
    assert [(each.number, each.events) for each in inbox().set_aside_batches()] == [(number, 2), (2, 1)]
    assert b"anna@shop" not in inbox().path.read_bytes()
