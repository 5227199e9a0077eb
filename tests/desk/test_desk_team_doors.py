"""Teams' pages, API and command: who may open them, that all tell the same, and what they count."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from test_desk_flow_pages import MAPPING, put_in

from towpath.desk.commands import COMMANDS
from towpath.desk.queries.teams import behind_team, firefighting, team, teams
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]
READING = """
desk:
  kind: {column: data.kind, map: {Inc: incident, Req: request}}
  states: {new: [New], queued: [Queue], working: [Doing], waiting_customer: [Ask], resolved: [Done]}
  topic: data.topic
  agent: data.agent
"""
ROWS = """at,number,state,team,caller,topic,agent,kind
2026-01-05T08:00:00Z,T1,Queue,Front,anna,login,,Inc
2026-01-05T09:00:00Z,T1,Doing,Front,anna,login,ann,Inc
2026-01-05T10:00:00Z,T1,Queue,Back,anna,login,,Inc
2026-01-05T14:00:00Z,T1,Queue,Front,anna,login,,Inc
2026-01-05T15:00:00Z,T1,Done,Front,anna,login,ann,Inc
2026-01-05T09:00:00Z,T2,Doing,Front,bo,bill,ann,Req
2026-01-05T11:00:00Z,T2,Ask,Front,bo,bill,ann,Req
2026-01-05T13:00:00Z,T2,Done,Front,bo,bill,ann,Req
2026-01-06T08:00:00Z,T3,Queue,Back,cy,a/b,,Req
2026-01-06T09:00:00Z,T4,New,Back / night,cy,a/b,,Req
"""


@pytest.fixture
def acme(tmp_home: object, tmp_path: Path) -> None:
    put_in(tmp_path, MAPPING + READING, ROWS)


def told(*words: str) -> dict[str, Any]:
    done = CliRunner().invoke(COMMANDS[0], [*words, "--json"], standalone_mode=False)
    assert done.exception is None
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_who_waits_for_a_team_is_told_by_who_handed_to_it(acme: None) -> None:
    front = team(OPERATOR, "acme", "Front")
    waits = {each.team: (each.tickets, each.hours, each.median_hours) for each in front.waits_for_us}
    assert waits == {"": (2, 1.0, 0.5), "Back": (1, 1.0, 1.0)}
    assert [(each.what, each.team, each.tickets, each.hours) for each in front.we_wait_for] == [
        ("customer", "", 1, 2.0),
        ("team", "Back", 1, 4.0),
    ]
    assert [(each.team, each.hand_overs, each.came_back) for each in front.hands_to] == [("Back", 1, 1)]
    assert [(each.team, each.tickets, each.returns) for each in front.ping_pong] == [("Back", 1, 1)]
    assert [(each.name, each.tickets) for each in front.topics] == [("bill", 1), ("login", 1)]
    assert [(each.name, each.tickets) for each in front.months] == [("2026-01", 2)]


def test_effort_is_shared_and_called_estimated(acme: None) -> None:
    effort = team(OPERATOR, "acme", "Front").effort
    assert (effort.basis, effort.hours, effort.incidents, effort.share) == ("estimated", 2.0, 0.5, None)
    found = firefighting(OPERATOR, "acme")
    assert [(each.team, each.weeks[0].week, each.weeks[0].hours) for each in found.teams] == [
        ("Front", "2026-01-05", 2.0)
    ]


def test_logged_effort_is_taken_as_logged(tmp_home: object, tmp_path: Path) -> None:
    rows = """at,number,state,team,caller,topic,agent,kind,minutes
2026-01-05T08:00:00Z,T1,Doing,Front,anna,login,ann,Inc,600
2026-01-05T09:00:00Z,T1,Done,Front,anna,login,ann,Inc,
2026-01-05T10:00:00Z,T1,Doing,Front,anna,login,ann,Inc,60
2026-01-05T11:00:00Z,T2,Doing,Front,bo,bill,bob,Req,540
2026-01-05T11:00:00Z,T3,Doing,Front,bo,bill,bob,Req,a lot
"""
    put_in(tmp_path, MAPPING + READING + "  effort_minutes: data.minutes\n", rows)
    effort = team(OPERATOR, "acme", "Front").effort
    assert (effort.basis, effort.hours, effort.rework) == ("logged", 20.0, 1.0)
    assert effort.share == pytest.approx(11 / 20)


def test_every_figure_opens_its_tickets(acme: None) -> None:
    def behind(part: str, name: str = "") -> list[str]:
        return sorted(row.ticket for row in behind_team(OPERATOR, "acme", "Front", part, value=name)[0])

    assert behind("all") == ["T1", "T2"]
    assert behind("from") == ["T1", "T2"]
    assert behind("from", "Back") == behind("to", "Back") == behind("back", "Back") == ["T1"]
    assert behind("ping-pong", "Back") == ["T1"]
    assert behind("customer") == behind("topic", "bill") == ["T2"]
    assert behind("month", "2026-01") == ["T1", "T2"]
    assert behind("open") == behind("waiting") == behind("topic", "nothing") == behind("from", "nobody") == []
    assert [row.ticket for row in behind_team(OPERATOR, "acme", "Back", "waiting")[0]] == ["T3"]


def test_page_api_and_command_tell_the_same(acme: None, agent: Person, client_of: ClientOf) -> None:
    client = client_of(agent)
    assert client.get("/api/desks/acme/teams").json() == told("teams", "acme")
    assert client.get("/api/desks/acme/teams/Back / night").json() == told("teams", "acme", "Back / night")
    assert client.get("/api/desks/acme/firefighting").json() == told("firefighting", "acme")
    assert "Back / night" in client.get("/desk/acme/teams/").content.decode()
    page = client.get("/desk/acme/teams/Back%20/%20night/").content.decode()
    assert "1 ticket waits for this team now" in page
    listed = client.get("/desk/acme/team-tickets/?team=Front&part=ping-pong&name=Back").content.decode()
    assert "T1" in listed
    assert "T2" not in listed
    assert client.get("/desk/acme/firefighting/").status_code == 200


def test_what_is_not_there_is_not_found(acme: None, agent: Person, client_of: ClientOf) -> None:
    client = client_of(agent)
    places = (
        "/desk/acme/teams/Nobody/", "/api/desks/acme/teams/Nobody", "/desk/acme/team-tickets/?team=Nobody",
        "/desk/acme/team-tickets/?team=Front&part=odd", "/desk/nothing/teams/",
    )  # fmt: skip
    assert [client.get(place).status_code for place in places] == [404] * len(places)
    assert CliRunner().invoke(COMMANDS[0], ["teams", "acme", "Nobody"]).exit_code == 1


def test_a_customer_sees_no_team(acme: None, customer_person: Person, client_of: ClientOf) -> None:
    client = client_of(customer_person)
    places = (
        "/desk/acme/teams/",
        "/desk/acme/teams/Front/",
        "/api/desks/acme/teams",
        "/desk/acme/firefighting/",
    )
    assert [client.get(place).status_code for place in places] == [403] * len(places)


def test_a_source_without_teams_says_so(tmp_home: object, tmp_path: Path) -> None:
    row = "2026-01-05T08:00:00Z,T1,Queue,,anna,login,,Inc"
    put_in(tmp_path, MAPPING + READING, f"{ROWS.splitlines()[0]}\n{row}\n")
    found = teams(OPERATOR, "acme")
    assert (found.teams, bool(found.reason)) == ((), True)
    assert firefighting(OPERATOR, "acme").reason != ""
