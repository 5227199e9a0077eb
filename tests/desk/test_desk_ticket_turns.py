"""Of several processes one reads tickets at a time, and nobody reads them while a customer is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from test_desk_flow_pages import MAPPING, READING, put_in

from towpath.customers.actions.forgetting import forget
from towpath.desk import following
from towpath.desk import forgetting as desk_forgetting
from towpath.desk.jobs import refresh_tickets
from towpath.desk.measures.tickets import Row
from towpath.desk.models import Desk, Ticket, TicketNote
from towpath.desk.noting import TICKETS, note
from towpath.events.lake.errors import LakeBusy
from towpath.events.store import in_turn
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.operations import forgetting as places
from towpath.foundation.operations.home import Home

SOON_S = 30.0
HEAD_START_S = 0.5
"""Longer than an eraser needs that waits for nobody."""


@pytest.mark.django_db
def test_while_another_reads_nothing_is_written_and_what_is_noted_stays_for_the_next(tmp_home: Home) -> None:
    desk = Desk.objects.create(name="acme", source="acme", reading="kind: incident\n")
    note([desk.pk])
    with in_turn(TICKETS, 0):
        assert refresh_tickets.call() == 0
        assert TicketNote.objects.count() == 1
    refresh_tickets.call()
    assert TicketNote.objects.count() == 0


@pytest.fixture
def erased(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once a forgetting has taken its customer out of the lake."""
    turn, eraser = places._erasers["the lake"]
    done = threading.Event()

    def telling(person: places.Person) -> int:
        gone = eraser(person)
        done.set()
        return gone

    monkeypatch.setitem(places._erasers, "the lake", (turn, telling))
    return done


def read_before_and_write_after(
    erased: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> tuple[threading.Thread, threading.Event]:
    """Somebody who read the lake before a forgetting, and writes tickets when the lake's part is over."""
    has_read, write = threading.Event(), following._write

    def late(desk: Desk, rows: Sequence[Row]) -> int:
        has_read.set()
        assert erased.wait(SOON_S)
        threading.Event().wait(HEAD_START_S)
        return write(desk, rows)

    def run(work: Callable[[], int]) -> None:
        try:
            work()
        finally:
            connection.close()

    monkeypatch.setattr(following, "_write", late)
    return threading.Thread(target=run, args=[refresh_tickets.call]), has_read


@pytest.mark.django_db(transaction=True)
def test_who_was_read_before_they_were_forgotten_is_not_written_after(
    tmp_home: Home, tmp_path: Path, erased: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in(tmp_path, MAPPING + READING)
    note([Desk.objects.get().pk])
    reader, has_read = read_before_and_write_after(erased, monkeypatch)
    reader.start()
    assert has_read.wait(SOON_S)
    forget(OPERATOR, "anna")
    reader.join(SOON_S)
    assert not reader.is_alive()
    assert list(Ticket.objects.values_list("number", flat=True)) == ["T3"]
    refresh_tickets.call()
    assert list(Ticket.objects.values_list("number", flat=True)) == ["T3"]


@pytest.mark.django_db
def test_a_forgetting_says_so_where_tickets_are_read_for_too_long(
    tmp_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_forgetting, "WAITS_S", 0.0)
    nobody = places.Person((), frozenset(), timezone.now())
    with in_turn(TICKETS, 0), pytest.raises(LakeBusy):
        desk_forgetting.forget_in_tickets(nobody)


def test_tickets_are_looked_through_after_the_lake_they_are_read_from() -> None:
    looked = places.places()
    assert looked.index("the lake") < looked.index("tickets")
