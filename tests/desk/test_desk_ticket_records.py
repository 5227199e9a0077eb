"""Tickets as records: made from their movements, brought up to date by what came in, whole or in part."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_desk_flow_pages import MAPPING, READING, ROWS, put_in

from towpath.desk.following import refresh
from towpath.desk.models import Desk, Ticket

pytestmark = pytest.mark.django_db


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
