"""Tickets as records: made from their movements, brought up to date by what came in, whole or in part."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_desk_flow_pages import MAPPING, READING, ROWS, put_in

from towpath.desk.following import refresh
from towpath.desk.models import Desk, Ticket
from towpath.events.store import lake

pytestmark = pytest.mark.django_db
EARLIER = "2026-02-01T08:00:00Z,T7,Doing,Front,cleo,login\n2026-02-02T08:00:00Z,T7,Done,Front,cleo,login\n"
LATER = "2026-02-04T08:00:00Z,T8,Doing,Front,cleo,login\n"
MOVES = st.builds(
    "2026-03-{:02}T{:02}:00:00Z,N{},{},{},{},{}\n".format,
    st.integers(1, 28),
    st.integers(0, 23),
    st.integers(1, 6),
    st.sampled_from(["Doing", "Done", "Shut", "Odd"]),
    st.sampled_from(["Front", "Back"]),
    st.sampled_from(["anna", "cleo"]),
    st.sampled_from(["login", "bill"]),
)


def latest_received() -> int:
    """UTC microseconds."""
    found = lake().snapshot().query("select max(received) as at from events").to_pylist()
    return int(found[0]["at"].timestamp() * 1_000_000)


@pytest.fixture
def acme(tmp_home: object, tmp_path: Path) -> Desk:
    put_in(tmp_path, MAPPING + READING)
    desk = Desk.objects.get()
    refresh(desk)
    return desk


def test_each_ticket_stands_as_its_last_movement_left_it(acme: Desk) -> None:
    found = Ticket.objects.values_list(
        "number", "state", "team", "tier", "hand_overs", "ping_pong", "repeat_of"
    )
    assert sorted(found) == [
        ("T1", "resolved", "Front", 1, 2, True, ""),
        ("T2", "resolved", "Front", 1, 0, False, "T1"),
        ("T3", "unknown", "Front", 1, 0, False, ""),
    ]


def test_what_did_not_change_is_not_written(acme: Desk) -> None:
    assert refresh(acme) == 0


def test_what_came_in_is_read_alone_and_gives_the_same_rows_as_reading_all(
    acme: Desk, tmp_path: Path
) -> None:
    since = 1
    put_in(tmp_path, MAPPING + READING, ROWS + "2026-01-21T08:00:00Z,T2,Doing,Back,anna,login\n")
    assert refresh(acme, since) == 1
    assert Ticket.objects.get(number="T2").reopened == 1
    assert refresh(acme) == 0


def test_what_an_older_export_tells_makes_tickets_that_are_there_repeats(acme: Desk, tmp_path: Path) -> None:
    put_in(tmp_path, MAPPING + READING, "at,number,state,team,caller,topic\n" + LATER)
    refresh(acme, 1)
    put_in(tmp_path, MAPPING + READING, "at,number,state,team,caller,topic\n" + EARLIER)
    since = latest_received()
    assert refresh(acme, since) == 2, "the ticket that came, and the one that repeats it"
    assert Ticket.objects.get(number="T8").repeat_of == "T7"
    assert refresh(acme) == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_read_in_parts_or_whole_tickets_are_the_same(acme: Desk, tmp_path: Path, data: st.DataObject) -> None:
    """Exports in any order, each with movements of some tickets; nothing changes when all are read anew."""
    for _export in range(data.draw(st.integers(1, 3))):
        moves = data.draw(st.lists(MOVES, min_size=1, max_size=8))
        put_in(tmp_path, MAPPING + READING, "at,number,state,team,caller,topic\n" + "".join(moves))
        refresh(acme, latest_received())
    assert refresh(acme) == 0
