"""Wrong input does not break tickets: it is shown as what it is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse
from test_desk_flow_pages import MAPPING, put_in, told

from towpath.desk.actions.agreements import apply_agreements
from towpath.desk.actions.desks import define_desk
from towpath.desk.following import refresh
from towpath.desk.models import AgreementsVersion, Desk, Ticket
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations.documents import DocumentError

pytestmark = pytest.mark.django_db
READING = """
desk:
  states: {working: [Doing], resolved: [Done]}
  opened: data.opened
  topic: data.topic
"""
HEAD = "at,number,state,team,caller,topic,opened\n"
AGREED = """
calendars: {always: {zone: UTC, hours: {every: ["00:00-24:00"]}}}
agreements:
  - {name: Solved in time, metric: resolution, calendar: always, otherwise: 2h}
"""


def put(folder: Path, *lines: str) -> Desk:
    put_in(folder, MAPPING + READING, HEAD + "\n".join(lines) + "\n")
    desk = Desk.objects.get()
    refresh(desk)
    return desk


def test_a_state_that_nobody_named_is_unknown_and_written_as_it_is(tmp_home: object, tmp_path: Path) -> None:
    put(tmp_path, "2026-01-01T08:00:00Z,T1,Wibble,Front,anna,x,")
    (row,) = told("tickets")["tickets"]
    assert (row["state"], row["written_state"]) == ("unknown", "Wibble")


def test_a_ticket_that_ends_before_it_begins_has_no_clock_and_says_why(
    tmp_home: object, tmp_path: Path
) -> None:
    apply_agreements(OPERATOR, AGREED, "agreed.yaml")
    put(tmp_path, "2026-01-01T08:00:00Z,T1,Done,Front,anna,x,2026-02-01T08:00:00Z")
    row = Ticket.objects.get()
    assert (row.disordered, row.solving, row.due) == (True, "", None)
    assert told("tickets", "--number", "T1")["clocks"] == []


def test_a_calendar_without_working_time_is_refused_with_its_place(tmp_home: object) -> None:
    never = AGREED.replace('every: ["00:00-24:00"]', "every: []")
    with pytest.raises(DocumentError, match=r"agreed.yaml, line 2"):
        apply_agreements(OPERATOR, never, "agreed.yaml")
    assert not AgreementsVersion.objects.exists()


def test_a_team_that_was_renamed_half_way_is_one(tmp_home: object, tmp_path: Path) -> None:
    lines = ("2026-01-01T08:00:00Z,T1,Doing,Old,anna,x,", "2026-01-01T09:00:00Z,T1,Doing,New,anna,x,")
    desk = put(tmp_path, *lines)
    assert Ticket.objects.get().hand_overs == 1
    reading = "states: {working: [Doing], resolved: [Done]}\nteams: {Old: New}\n"
    refresh(define_desk(OPERATOR, desk.name, reading, "desk.yaml"))
    row = Ticket.objects.get()
    assert (row.team, row.hand_overs) == ("New", 0)


def test_a_caller_with_very_many_tickets_is_listed_as_quickly(tmp_home: object, tmp_path: Path) -> None:
    desk = put(tmp_path, "2026-01-01T08:00:00Z,T1,Doing,Front,anna,x,")
    copied = [each.column for each in Ticket._meta.concrete_fields if each.name not in ("id", "number")]
    with connection.cursor() as cursor:
        cursor.execute(
            "with recursive many(n) as (select 1 union all select n + 1 from many where n < 100000) "
            f"insert into desk_ticket (number, {', '.join(copied)}) "
            f"select 'M' || n, {', '.join(copied)} from desk_ticket, many"
        )
    begun = time.perf_counter()
    assert len(told("tickets", desk.name, "--search", "anna")["tickets"]) == 50
    assert time.perf_counter() - begun < 2


def test_a_number_may_hold_slashes_and_spaces(tmp_home: object, tmp_path: Path) -> None:
    put(tmp_path, "2026-01-01T08:00:00Z,A/1 b,Doing,Front,anna,x,")
    assert told("tickets", "--number", "A/1 b")["ticket"]["number"] == "A/1 b"
    assert reverse("desk:ticket", args=["acme", "A/1 b"]) == "/desk/acme/tickets/A/1%20b/"
