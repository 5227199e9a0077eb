"""The age of the backlog and what is solved at once, against counts by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from test_desk_flow_pages import MAPPING, put_in, told

from towpath.desk.queries.flow import flow
from towpath.desk.queries.solved import behind_solved, solved
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]
READING = """
desk:
  tiers: {map: {Front: 1, Back: 2}}
  states: {queued: [Queue], working: [Doing], resolved: [Done, Call], closed: [Shut], cancelled: [Never]}
  in_contact: [Call]
  topic: data.topic
  country: data.land
  beyond_tier_1: [bill]
"""
OPENED = datetime(2026, 1, 2, 8, tzinfo=UTC)
LIVES = [(days, ends) for days in range(1, 16) for ends in ("Done", "", "Never")]
"""Days in the backlog and how it ended; those without an end are open at the watermark."""


def kaplan_meier(lives: list[tuple[float, bool]], at: float) -> float:
    share = 1.0
    for day in sorted({each for each, left in lives if left and each <= at}):
        share *= 1 - sum(each == day and left for each, left in lives) / sum(each >= day for each, _ in lives)
    return share


@pytest.fixture
def acme(tmp_home: object, tmp_path: Path) -> None:
    lines = ["at,number,state,team,caller,topic,land"]
    for place, (days, ends) in enumerate(LIVES):
        lines.append(f"{_at(OPENED)},T{place:02},Doing,Front,c{place},{'bill' if days % 2 else 'login'},SE")
        if ends:
            end = OPENED + timedelta(days=days)
            lines.append(f"{_at(end)},T{place:02},{ends},Front,c{place},{'bill' if days % 2 else 'login'},SE")
    late = OPENED + timedelta(days=40)
    lines += [f"{_at(late)},T99,Call,Front,zoe,login,NO", f"{_at(late)},T98,Queue,Back,yan,bill,NO"]
    put_in(tmp_path, MAPPING + READING, "\n".join(lines) + "\n")


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def test_the_backlog_ages_as_counted_by_hand(acme: None) -> None:
    every, january, february = flow(OPERATOR, "acme").backlog
    assert (every.month, every.tickets, every.open) == ("", 47, 16)
    assert (january.month, january.tickets, january.open) == ("2026-01", 45, 15)
    lives = [(float(days) if ends else 40.0, bool(ends)) for days, ends in LIVES]
    after = {each.days: each for each in january.still}
    assert after[7].share == pytest.approx(kaplan_meier(lives, 7))
    assert after[30].share == pytest.approx(kaplan_meier(lives, 30)) == pytest.approx(15 / 45)
    assert after[7].low < after[7].share < after[7].high
    assert january.half_days == next(day for day in range(1, 41) if kaplan_meier(lives, day) <= 0.5)
    assert 90 not in after
    assert (february.tickets, february.half_days, february.still) == (2, None, ())


def test_what_is_solved_at_once_is_told_by_what_the_data_names(acme: None) -> None:
    found = solved(OPERATOR, "acme", "topic")
    assert found.choices == ("month", "topic", "team", "country")
    login, bill = sorted(found.parts, key=lambda part: part.name, reverse=True)
    assert (login.tickets, login.first_level.of, login.first_level.gross) == (22, 7, 1.0)
    assert (bill.tickets, bill.first_level.gross, bill.first_level.net) == (25, 1.0, None)
    assert {part.name: part.tickets for part in solved(OPERATOR, "acme", "country").parts} == {
        "SE": 45,
        "NO": 2,
    }
    assert [part.name for part in solved(OPERATOR, "acme", "month").parts] == ["2026-01", "2026-02"]


def test_each_figure_opens_its_tickets(acme: None) -> None:
    rows, total = behind_solved(OPERATOR, "acme", "topic", "login", what="first-level")
    assert (total, len(rows)) == (7, 7)
    assert behind_solved(OPERATOR, "acme", "country", "NO")[1] == 2
    assert behind_solved(OPERATOR, "acme", "topic", "login", what="came-back") == ([], 0)


def test_pages_api_and_command_tell_the_same(acme: None, agent: Person, client_of: ClientOf) -> None:
    client = client_of(agent)
    assert client.get("/api/desks/acme/solved?by=topic").json() == told("solved", "acme", "--by", "topic")
    assert "How long tickets stay open" in client.get("/desk/acme/").content.decode()
    page = client.get("/desk/acme/solved/?by=topic").content.decode()
    assert "solved-tickets/?by=topic&amp;value=login" in page.replace("&value", "&amp;value")
    assert (
        "7 tickets"
        in client.get("/desk/acme/solved-tickets/?by=topic&value=login&what=first-level").content.decode()
    )


def test_what_cannot_be_asked_is_refused(acme: None, agent: Person, client_of: ClientOf) -> None:
    client = client_of(agent)
    wrong = (
        "/desk/acme/solved/?by=odd",
        "/desk/acme/solved-tickets/?by=odd",
        "/desk/acme/solved-tickets/?what=odd",
    )
    assert [client.get(place).status_code for place in wrong] == [404, 404, 404]
    assert client.get("/api/desks/acme/solved?by=odd").status_code in {400, 422}
