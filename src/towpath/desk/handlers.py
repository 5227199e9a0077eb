"""What the desk does when events came in, or when they are read or judged differently."""

from __future__ import annotations

from towpath.desk.announcements import AgreementsApplied, DeskDefined
from towpath.desk.following import note, note_received, note_source, waits
from towpath.desk.jobs import refresh_tickets
from towpath.desk.models import Desk
from towpath.events.announcements import EventsAbsorbed, EventsFlushed
from towpath.foundation.outbox.announcing import handles


@handles(EventsAbsorbed)
def tickets_absorbed(fact: EventsAbsorbed) -> None:
    note_source(fact.source)
    _soon()


@handles(EventsFlushed)
def tickets_flushed(fact: EventsFlushed) -> None:
    note_received(fact.first_received)
    _soon()


@handles(DeskDefined)
def read_tickets_anew(fact: DeskDefined) -> None:
    note(Desk.objects.filter(name=fact.name).values_list("pk", flat=True))
    _soon()


@handles(AgreementsApplied)
def judge_tickets_anew(_fact: AgreementsApplied) -> None:
    note(Desk.objects.values_list("pk", flat=True))
    _soon()


def _soon() -> None:
    if Desk.objects.exists() and not waits(refresh_tickets.module_path):
        refresh_tickets.enqueue()
