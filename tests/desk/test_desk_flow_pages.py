"""The desk's doors: who may open them, and that all show the same figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

from towpath.desk.actions.desks import define_desk
from towpath.desk.commands import COMMANDS
from towpath.desk.models import Desk
from towpath.events import actions
from towpath.events.ingest import run_import
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]
MAPPING = """
source: acme
format: csv
events: {time: at, type: state, ticket: number, case: number, team: team, identifier: caller}
data: rest
"""
READING = """
desk:
  tiers: {map: {Front: 1, Back: 2}}
  states: {working: [Doing], resolved: [Done], closed: [Shut]}
  topic: data.topic
"""
ROWS = """at,number,state,team,caller,topic
2026-01-01T08:00:00Z,T1,Doing,Front,anna,login
2026-01-01T09:00:00Z,T1,Doing,Back,anna,login
2026-01-01T10:00:00Z,T1,Doing,Front,anna,login
2026-01-01T11:00:00Z,T1,Done,Front,anna,login
2026-01-03T08:00:00Z,T2,Doing,Front,anna,login
2026-01-03T09:00:00Z,T2,Done,Front,anna,login
2026-01-20T08:00:00Z,T3,Odd,Front,bo,bill
"""


def put_in(folder: Path, mapping: str, rows: str = ROWS) -> None:
    file = folder / "tickets.csv"
    file.write_text(rows)
    draft = actions.draft_import(OPERATOR, file, file.name, mapping=mapping)
    assert run_import(actions.confirm_import(OPERATOR, draft, mapping)).error == ""


@pytest.fixture
def acme(tmp_home: object, tmp_path: Path) -> None:
    put_in(tmp_path, MAPPING + READING)


def told(*words: str) -> dict[str, object]:
    done = CliRunner().invoke(COMMANDS[0], [*words, "--json"], standalone_mode=False)
    assert done.exception is None
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_the_command_prints_what_is_asked_of_every_desk_first(acme: None) -> None:
    found = told("flow")
    assert list(found)[:8] == [
        "tickets", "tiers", "never_left_tier_1", "escalated", "ping_pong_tickets", "reassigned", "reopened",
        "sla_missed",
    ]  # fmt: skip
    assert [found[name] for name in list(found)[2:8]] == [2, 1, 1, 1, 0, None]
    assert (found["repeats"], found["came_back"], found["unknown_states"]) == (1, 1, {"Odd": 1})


def test_page_api_and_command_show_the_same(acme: None, agent: Person, client_of: ClientOf) -> None:
    client = client_of(agent)
    assert client.get("/api/desks/acme/flow").json() == told("flow")
    page = client.get("/desk/acme/").content.decode()
    assert "<svg" in page
    assert "Tier 1 to tier 2: 1 tickets, 1 times" in page


def test_customers_do_not_see_a_desk(acme: None, customer_person: Person, client_of: ClientOf) -> None:
    client = client_of(customer_person)
    assert [client.get(place).status_code for place in ("/desk/acme/", "/api/desks/acme/flow")] == [403, 403]


def test_a_mapping_that_names_tickets_without_a_reading_makes_a_proposed_desk(
    tmp_home: object, tmp_path: Path
) -> None:
    put_in(tmp_path, MAPPING)
    desk = Desk.objects.get()
    assert (desk.name, desk.proposed) == ("acme", True)
    assert "topic: [data.topic]" in desk.reading
    assert told("flow")["tiers"] == []


def test_the_same_mapping_again_does_not_undo_what_a_person_changed(acme: None, tmp_path: Path) -> None:
    define_desk(OPERATOR, "acme", "states: {working: [Doing, Odd], resolved: [Done]}\n", "desk.yaml")
    put_in(tmp_path, MAPPING + READING, ROWS + "2026-01-21T08:00:00Z,T4,Doing,Front,cy,bill\n")
    assert told("flow")["unknown_states"] == {}
    assert told("flow")["tickets"] == 4
