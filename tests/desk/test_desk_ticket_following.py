"""Tickets follow what comes in over the door and by import, and how both are read and judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_tasks_db.models import DBTaskResult
from test_desk_flow_pages import MAPPING, READING, ROWS, put_in
from test_desk_ticket_doors import AGREED

from towpath.desk.actions.agreements import apply_agreements
from towpath.desk.jobs import refresh_tickets
from towpath.desk.models import Desk, Ticket, TicketNote
from towpath.events.jobs import announce_flushed, flush_inbox
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.outbox.delivery import deliver
from towpath.foundation.outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db
BATCH = "application/cloudevents-batch+json"
Sending = Callable[..., None]


def told_and_read() -> int:
    """What a worker does by and by: hand over what was announced, then run the one job that waits."""
    announce_flushed()
    deliver()
    assert not OutboxMessage.objects.filter(handled_at=None).exists(), "a listener failed"
    queued, _rows = DBTaskResult.objects.filter(task_path=refresh_tickets.module_path).delete()
    assert queued == 1
    return refresh_tickets.call()


def states() -> dict[str, str]:
    return dict(Ticket.objects.order_by("number").values_list("number", "raw_state"))


@pytest.fixture
def acme(tmp_home: object, tmp_path: Path) -> Desk:
    put_in(tmp_path, MAPPING + READING)
    return Desk.objects.get()


@pytest.fixture
def send(acme: Desk, key_client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> Sending:
    """A movement of a ticket, sent to the door and brought into the lake."""
    client = key_client(["events:write"])
    monkeypatch.setattr("towpath.events.flushing.FLUSH_SECONDS", 0.0)

    def sending(number: str, state: str, at: str, **given: Any) -> None:
        event = {"specversion": "1.0", "id": f"{number}-{at}", "source": "acme", "type": state, "time": at}
        event |= {"subject": "anna", "ticket": number, "case": number, "team": "Front", **given}
        answer = client.post("/api/events", json.dumps([event]).encode(), content_type=BATCH)
        assert answer.json() == {"accepted": 1, "refused": []}
        assert flush_inbox() == 1

    return sending


def test_an_import_is_read_whole(acme: Desk) -> None:
    assert told_and_read() == 3
    assert states() == {"T1": "Done", "T2": "Done", "T3": "Odd"}
    assert not TicketNote.objects.exists()


def test_what_comes_over_the_door_is_followed_and_alone_is_read(
    send: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_and_read()
    send("T3", "Doing", "2026-01-21T08:00:00Z")
    send("T4", "Doing", "2026-01-21T09:00:00Z", team="Back")
    monkeypatch.setattr("towpath.desk.following._all", None)
    assert told_and_read() == 2
    assert states() == {"T1": "Done", "T2": "Done", "T3": "Doing", "T4": "Doing"}
    assert Ticket.objects.get(number="T4").tier == 2


def test_events_of_another_source_move_no_ticket(send: Sending) -> None:
    told_and_read()
    send("T1", "Doing", "2026-01-21T08:00:00Z", source="shop")
    assert told_and_read() == 0
    assert states()["T1"] == "Done"


def test_of_the_next_import_only_what_it_moved_is_read(
    acme: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_and_read()
    monkeypatch.setattr("towpath.desk.following._all", None)
    put_in(tmp_path, MAPPING + READING, ROWS + "2026-01-22T08:00:00Z,T5,Doing,Front,bo,bill\n")
    assert told_and_read() == 1
    assert states()["T5"] == "Doing"


def test_a_desk_that_is_read_differently_has_its_tickets_read_anew(acme: Desk, tmp_path: Path) -> None:
    told_and_read()
    assert Ticket.objects.get(number="T3").state == "unknown"
    reading = READING.replace("working: [Doing]", "working: [Doing, Odd]")
    put_in(tmp_path, MAPPING + reading, ROWS + "2026-01-22T08:00:00Z,T5,Doing,Front,bo,bill\n")
    told_and_read()
    assert Ticket.objects.get(number="T3").state == "working"


def test_other_agreements_have_clocks_judged_anew(acme: Desk) -> None:
    told_and_read()
    assert set(Ticket.objects.values_list("solving", flat=True)) == {""}
    apply_agreements(OPERATOR, AGREED, "agreed.yaml")
    told_and_read()
    clocks = dict(Ticket.objects.values_list("number", "solving"))
    assert clocks == {"T1": "missed", "T2": "met", "T3": "running"}


def test_what_comes_while_a_job_waits_is_read_by_that_one(send: Sending) -> None:
    told_and_read()
    for hour in (8, 9, 10):
        send("T3", "Doing" if hour < 10 else "Done", f"2026-01-21T{hour:02}:00:00Z")
        announce_flushed()
        deliver()
    assert TicketNote.objects.count() == 3
    assert told_and_read() == 1
    assert states()["T3"] == "Done"


def test_a_job_that_failed_leaves_its_notes_to_the_next(
    send: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_and_read()
    send("T3", "Doing", "2026-01-21T08:00:00Z")

    def broken(*_given: object) -> int:
        raise OSError("the lake's disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr("towpath.desk.following._write", broken)
        with pytest.raises(OSError, match="disk is gone"):
            told_and_read()
    assert TicketNote.objects.exists()
    assert refresh_tickets.call() == 1
    assert states()["T3"] == "Doing"
