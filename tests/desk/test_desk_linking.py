"""What an invented desk's tickets are about: learned, confirmed in one click, kept, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.test import Client

from towpath.desk.actions import linking as actions
from towpath.desk.commands import COMMANDS
from towpath.desk.following import refresh
from towpath.desk.models import Desk, Ticket, TicketLink
from towpath.desk.queries.flow import history
from towpath.desk.queries.linking import links, links_of_ticket
from towpath.desk.schemas.linking import LinkCoverage, LinkGroup, LinkGroupKey
from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import Staging
from towpath.events.store import lake
from towpath.foundation.access.actor import ANONYMOUS, OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import home
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
READING = """
states: {new: [opened], working: [started], resolved: [solved]}
topic: data.topic
title: data.title
"""
TICKETS = 900
# Topic: service, component, what its titles say, the team that has it.
PLANTED = {
    "login": ("portal", "identity-check", "cannot sign in to my account", "digital"),
    "bill": ("billing", "ledger", "the amount of my bill is wrong", "money"),
    "meter": ("billing", "meter-registry", "the reading of my meter is not taken", "field"),
}
SILENT = 3
"""Every third ticket names neither service nor component; what it is about its topic, team and words tell."""


def rows(said: Callable[[int], bool], *, tickets: int = TICKETS, first: int = 0) -> list[dict[str, object]]:
    draws, made = np.random.default_rng(1), []
    for nth in range(first, tickets):
        topic = list(PLANTED)[nth % 7 % 3]
        service, component, title, team = PLANTED[topic]
        at = BEGIN + timedelta(minutes=int(draws.integers(0, 500_000)))
        named = {"service": service, "component": component} if said(nth) else {}
        for seq, kind in enumerate(("opened", "started", "solved")):
            time = at + timedelta(hours=seq)
            text = {"topic": topic, "title": f"{title} {'abcdefgh'[nth % 8]}"}
            made.append(
                {
                    "source": "help", "id": f"T{nth}.{seq}", "seq": seq, "time": time, "received": time,
                    "type": kind, "identifier": f"account:{nth}", "key": nth, "ticket": f"T{nth}",
                    "team": team, "data": msgspec.json.encode(text).decode(), **named,
                }
            )  # fmt: skip
    return made


def put(made: list[dict[str, object]]) -> None:
    staging = Staging(home().staging, "help")
    staging.append(pa.Table.from_pylist(made, schema=EVENT_SCHEMA).combine_chunks().to_batches()[0])
    lake().absorb(staging)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path))
    home().prepare()
    put(rows(lambda nth: nth % SILENT > 0))
    desk = Desk.objects.create(name="help", source="help", reading=READING)
    refresh(desk)
    return desk


def coverage(about: str) -> LinkCoverage:
    return next(each for each in links(OPERATOR).coverage if each.about == about)


def group(value: str = "identity-check") -> LinkGroup:
    return next(each for each in links(OPERATOR).groups if each.value == value)


def key_of(each: LinkGroup) -> LinkGroupKey:
    return LinkGroupKey(each.about, each.value, each.topic, each.team)


def confirm(value: str = "identity-check", confirmed: bool = True) -> tuple[str, int]:
    return actions.say_of_group(OPERATOR, "help", key_of(group(value)), confirmed=confirmed)


def test_coverage_is_counted_by_who_says_it(desk: Desk) -> None:
    told = coverage("component")
    silent = sum(nth % SILENT == 0 for nth in range(TICKETS))
    assert (told.source, told.confirmed, told.proposed, told.none) == (TICKETS - silent, 0, silent, 0)
    _batch, count = confirm()
    told = coverage("component")
    assert count == sum(nth % SILENT == 0 and nth % 7 % 3 == 0 for nth in range(TICKETS))
    assert (told.confirmed, told.proposed) == (count, silent - count)
    assert coverage("customer").source == TICKETS


def test_the_groups_that_cover_most_come_first(desk: Desk) -> None:
    sizes = [each.tickets for each in links(OPERATOR).groups]
    assert sizes == sorted(sizes, reverse=True)
    found = group()
    assert (found.topic, found.team, found.by) == ("login", "digital", "learned")
    assert found.share is not None
    assert found.share > 0.9


def test_what_is_confirmed_fills_what_reads_the_history(desk: Desk) -> None:
    before = history(desk)
    confirm()
    confirm("portal")
    after = history(desk)
    assert (before.token, before.said_token == after.said_token) == (after.token, False)
    place = after.number_of("T0")
    columns = {name: after.of_ticket[name] for name in ("service", "component")}
    assert {name: str(each.names[int(each.codes[place])]) for name, each in columns.items()} == {
        "service": "portal", "component": "identity-check",
    }  # fmt: skip
    assert Ticket.objects.get(number="T0").service == "portal"
    refresh(desk)
    assert Ticket.objects.get(number="T0").service == "portal"


def test_importing_again_keeps_it_and_the_sources_own_word_holds(desk: Desk) -> None:
    confirm()
    later = [{**row, "received": BEGIN + timedelta(days=900)} for row in rows(lambda _nth: False, tickets=60)]
    named = [{**row, "component": "ledger"} if row["ticket"] == "T0" else row for row in later]
    put([{**row, "id": f"{row['id']}.again", "seq": 9} for row in named])
    refresh(desk)
    assert coverage("component").conflicts == 1
    first = next(each for each in links_of_ticket(OPERATOR, "help", "T0").links if each.about == "component")
    assert (first.source, first.confirmed, first.conflict) == ("ledger", "identity-check", True)
    found = history(desk).of_ticket["component"]
    assert str(found.names[int(found.codes[history(desk).number_of("T0")])]) == "ledger"
    assert str(found.names[int(found.codes[history(desk).number_of("T3")])]) == "identity-check"


def test_one_click_takes_it_back(desk: Desk) -> None:
    batch, count = confirm("portal")
    assert actions.take_back(OPERATOR, "help", batch) == count
    refresh(desk)
    assert (TicketLink.objects.count(), Ticket.objects.get(number="T0").service) == (0, "")
    assert group("portal").tickets == count
    with pytest.raises(Http404):
        actions.take_back(OPERATOR, "help", batch)
    with pytest.raises(Http404):
        actions.take_back(OPERATOR, "help", "no batch")
    verbs = list(AuditEntry.objects.filter(verb__startswith="tickets.").values_list("verb", flat=True))
    assert sorted(verbs) == ["tickets.linked", "tickets.unlinked"]


def test_what_was_rejected_is_not_proposed_again(desk: Desk) -> None:
    _batch, count = confirm(confirmed=False)
    assert "identity-check" not in {each.value for each in links(OPERATOR).groups}
    assert coverage("component").none == count


def test_a_single_ticket_is_confirmed_by_itself(desk: Desk) -> None:
    actions.say_of_ticket(OPERATOR, "help", "T0", about="component", value="identity-check", confirmed=True)
    assert coverage("component").confirmed == 1
    for wrong in (
        {"about": "component", "value": "ledger"},
        {"about": "component", "value": "identity-check"},
        {"about": "colour", "value": "red"},
    ):
        with pytest.raises(ValidationError):
            actions.say_of_ticket(OPERATOR, "help", "T0", **wrong, confirmed=True)
    with pytest.raises(Http404):
        actions.say_of_ticket(OPERATOR, "help", "X9", about="component", value="ledger", confirmed=True)


def test_too_few_tickets_that_say_it_propose_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path))
    home().prepare()
    put(rows(lambda nth: nth % SILENT > 0, tickets=120))
    Desk.objects.create(name="help", source="help", reading=READING)
    told = coverage("component")
    assert (told.proposed, told.none, "fewer than 200" in told.reason) == (0, 40, True)
    assert links(OPERATOR).groups == ()


def test_who_may_not_say_it_does_not(
    desk: Desk, client_of: Callable[[Person], Client], agent: Person, leader: Person
) -> None:
    sent = {**msgspec.to_builtins(key_of(group())), "answer": "yes"}
    with pytest.raises(PermissionDenied):
        actions.say_of_group(ANONYMOUS, "help", key_of(group()), confirmed=True)
    assert client_of(leader).get("/desk/help/links/").status_code == 200
    assert b'name="answer"' not in client_of(leader).get("/desk/help/links/").content
    assert client_of(leader).post("/desk/help/links/say/", sent).status_code == 403
    assert not TicketLink.objects.exists()
    assert client_of(agent).post("/desk/help/links/say/", sent).status_code == 302
    assert TicketLink.objects.first().said_by


def test_pages_confirm_reject_and_take_back(
    desk: Desk, client_of: Callable[[Person], Client], agent: Person
) -> None:
    client = client_of(agent)
    sent = {**msgspec.to_builtins(key_of(group())), "answer": "yes"}
    assert client.post("/desk/help/links/say/", {**sent, "answer": "maybe"}).status_code == 422
    assert client.post("/desk/help/links/say/", {**sent, "value": "nothing"}).status_code == 422
    assert client.post("/desk/help/links/say/", {**sent, "about": "colour"}).status_code == 422
    assert client.post("/desk/help/links/say/", sent).status_code == 302
    assert client.post("/desk/help/links/say/", sent).status_code == 422
    batch = links(OPERATOR).said[0].batch
    assert client.post("/desk/help/links/undo/", {"batch": batch}).status_code == 302
    assert client.post("/desk/help/links/undo/", {"batch": batch}).status_code == 404
    one = {"number": "T0", "about": "component", "value": "identity-check", "answer": "yes"}
    part = client.post("/desk/help/ticket-links/say/", one, headers={"HX-Request": "true"})
    assert (part.status_code, b"identity-check" in part.content) == (200, True)
    again = client.post("/desk/help/ticket-links/say/", one)
    assert (again.status_code, b"not proposed any more" in again.content) == (422, True)
    assert client.get("/desk/help/ticket-links/", {"number": "X9"}).status_code == 404
    assert b"/desk/help/ticket-links/?number=T0" in client.get("/desk/help/tickets/T0/").content


def test_the_api_does_the_same(desk: Desk, client_of: Callable[[Person], Client], agent: Person) -> None:
    client, at = client_of(agent), "/api/desks/help/links"
    told = client.get(at).json()
    assert told["groups"] == msgspec.json.decode(msgspec.json.encode(links(OPERATOR).groups))

    def send(where: str, **body: object) -> Any:
        return client.post(f"{at}/{where}", body, content_type="application/json")

    word = msgspec.to_builtins(key_of(group()))
    assert send("word", **{**word, "about": "colour"}, confirmed=True).status_code == 422
    assert send("word", **{**word, "value": "nothing"}, confirmed=True).status_code == 422
    said = send("word", **word, confirmed=True).json()
    assert said["said"][0]["tickets"] == TicketLink.objects.count()
    assert send("undo", batch="x").status_code == 404
    assert send("undo", batch=said["said"][0]["batch"]).json()["said"] == []
    one = client.get(f"{at}/ticket", {"number": "T0"}).json()
    assert [each["about"] for each in one["links"]] == ["service", "component", "step", "customer"]
    assert client.get(f"{at}/ticket", {"number": "X9"}).status_code == 404


def test_the_command_prints_the_same(desk: Desk) -> None:
    (group_of_commands, _shift) = COMMANDS
    printed = CliRunner().invoke(group_of_commands, ["links", "help", "--json"])
    assert msgspec.json.decode(printed.output)["groups"] == msgspec.json.decode(
        msgspec.json.encode(links(OPERATOR).groups)
    )
    assert "identity-check" in CliRunner().invoke(group_of_commands, ["links"]).output
