"""Emerging topics at the doors: what is told of them, together with what, and when nothing can be told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from test_desk_flow_pages import MAPPING, put_in, told

from towpath.desk.queries.emerging import behind_emerging, emerging
from towpath.events import actions
from towpath.events.ingest import run_import
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.people.models import Person

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Person], Client]
MONDAY = datetime(2025, 1, 6, tzinfo=UTC)
WEEKS = 40
READING = """
desk:
  states: {queued: [Queue], working: [Doing], resolved: [Done]}
  topic: data.topic
"""
CHANGES = """
source: pipeline
format: csv
events: {time: at, type: kind, change: change, component: component}
"""


def tickets(weeks: int) -> str:
    lines = ["at,number,state,team,caller,topic,component"]
    for week in range(weeks):
        last = week == weeks - 1
        for topic, count in {"login": 25 if last else 5, "bill": 6, "vpn": 8 if last else 0}.items():
            for place in range(count):
                at = MONDAY + timedelta(weeks=week, hours=place * 5)
                name = f"{topic}-{week}-{place}"
                lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ},{name},Queue,Front,c{name},{topic},{topic}-app")
    after = MONDAY + timedelta(weeks=weeks, days=1)
    return "\n".join([*lines, f"{after:%Y-%m-%dT%H:%M:%SZ},last,Queue,Front,zoe,bill,bill-app", ""])


def put_changes(folder: Path) -> None:
    file = folder / "changes.csv"
    times = {"old": MONDAY, "near": MONDAY + timedelta(weeks=WEEKS - 1, days=-2)}
    rows = [f"{at:%Y-%m-%dT%H:%M:%SZ},deployment,{name},login-app" for name, at in times.items()]
    file.write_text("\n".join(["at,kind,change,component", *rows, ""]))
    draft = actions.draft_import(OPERATOR, file, file.name, mapping=CHANGES)
    assert run_import(actions.confirm_import(OPERATOR, draft, CHANGES)).error == ""


def put_desk(folder: Path, weeks: int = WEEKS) -> None:
    mapping = MAPPING.replace("identifier: caller", "identifier: caller, component: component")
    put_in(folder, mapping + READING, tickets(weeks))


def test_a_surge_and_a_new_topic_are_told_together_with_what_changed(
    tmp_home: object, tmp_path: Path
) -> None:
    put_desk(tmp_path)
    put_changes(tmp_path)
    found = emerging(OPERATOR, "acme")
    assert (found.week, found.weeks) == (f"{MONDAY + timedelta(weeks=WEEKS - 1):%Y-%m-%d}", WEEKS)
    vpn, login = found.topics
    assert (vpn.topic, vpn.method, vpn.in_four_weeks, vpn.expected) == ("vpn", "first seen", 8, None)
    assert (login.topic, login.method, login.observed) == ("login", "trend", 25)
    assert login.expected == pytest.approx(5, rel=0.01)
    assert [(each.change.change, each.near) for each in login.together_with] == [("near", True)]
    assert [each.near for each in vpn.together_with] == [False]
    assert behind_emerging(OPERATOR, "acme", "vpn")[1] == 8
    assert behind_emerging(OPERATOR, "acme", "nothing") == ([], 0)


def test_page_api_and_command_tell_the_same(
    tmp_home: object, tmp_path: Path, agent: Person, client_of: ClientOf
) -> None:
    put_desk(tmp_path)
    put_changes(tmp_path)
    client = client_of(agent)
    assert client.get("/api/desks/acme/emerging").json() == told("emerging", "acme")
    page = client.get("/desk/acme/emerging/").content.decode()
    assert "Together with" in page
    assert "caused" not in page
    # Three weeks of five, and the last of twenty-five.
    assert "40 tickets" in client.get("/desk/acme/emerging-tickets/?topic=login").content.decode()


@pytest.mark.parametrize(("weeks", "told_of"), [(3, []), (18, ["vpn"])])
def test_a_short_history_says_too_little_data(
    tmp_home: object, tmp_path: Path, weeks: int, told_of: list[str]
) -> None:
    put_desk(tmp_path, weeks)
    found = emerging(OPERATOR, "acme")
    assert "Too little data" in found.reason
    assert [each.topic for each in found.topics] == told_of
