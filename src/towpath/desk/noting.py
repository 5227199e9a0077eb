"""Events that are still to be read into tickets are noted. Reading them (`following`) loads kernels, which
most processes need not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from towpath.desk.models import Desk, TicketNote

TICKETS = "tickets"
"""The turn to read tickets, or to take somebody out of them: one process at a time, on all nodes that share
the records."""


def note(desks: Iterable[int], since: int = 0) -> None:
    """Events received since then (UTC microseconds; 0: all) are to be read into these desks' tickets."""
    TicketNote.objects.bulk_create([TicketNote(desk_id=pk, since=since) for pk in desks])


def note_desks(**only: str) -> None:
    """All events of these desks (all, where none is named) are to be read again."""
    note(Desk.objects.filter(**only).values_list("pk", flat=True))


def anything_noted() -> bool:
    return TicketNote.objects.exists()


def note_source(source: str, first: datetime | None = None) -> None:
    """Events of a source are to be read: those received since `first`, or all."""
    note(Desk.objects.filter(source=source).values_list("pk", flat=True), _micros(first) if first else 0)


def note_received(first: datetime) -> None:
    note(Desk.objects.values_list("pk", flat=True), _micros(first))


def _micros(moment: datetime) -> int:
    return max(1, int(moment.timestamp() * 1_000_000))


def waits(task_path: str) -> bool:
    """Whether such a job stands in the queue and has not begun: it will see all that is noted by now."""
    return DBTaskResult.objects.filter(task_path=task_path, status=TaskResultStatus.READY).exists()
