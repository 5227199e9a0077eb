"""What the desk does when events came in, or when they are read or judged differently."""

from __future__ import annotations

from towpath.desk.announcements import AgreementsApplied, DeskDefined
from towpath.desk.jobs import refresh_tickets
from towpath.desk.noting import anything_noted, note_desks, note_received, note_source, waits
from towpath.events.announcements import EventsAbsorbed, EventsFlushed
from towpath.foundation.outbox.announcing import handles


@handles(EventsAbsorbed)
def tickets_absorbed(fact: EventsAbsorbed) -> None:
    note_source(fact.source, fact.first_received)
    _soon()


@handles(EventsFlushed)
def tickets_flushed(fact: EventsFlushed) -> None:
    note_received(fact.first_received)
    _soon()


@handles(DeskDefined)
def read_tickets_anew(fact: DeskDefined) -> None:
    note_desks(name=fact.name)
    _soon()


@handles(AgreementsApplied)
def judge_tickets_anew(_fact: AgreementsApplied) -> None:
    note_desks()
    _soon()


def _soon() -> None:
    if anything_noted() and not waits(refresh_tickets.module_path):
        refresh_tickets.enqueue()
