"""Enqueues what is due. Any worker may; a row is moved on only by the one that found it as it was."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from towpath.foundation.jobs.declaring import schedules
from towpath.foundation.jobs.models import Schedule
from towpath.foundation.jobs.rules import due_after

UNFINISHED = (TaskResultStatus.READY, TaskResultStatus.RUNNING)


def enqueue_due() -> int:
    """Enqueue every scheduled job whose time has come; returns how many. An unfinished one is not doubled."""
    declared = schedules()
    known = {row.task_path: row for row in Schedule.objects.filter(task_path__in=declared)}
    enqueued = 0
    for path, (_task, every) in declared.items():
        row = known.get(path) or _first_seen(path, every)
        if row.every != every:
            row.due_at = min(row.due_at, timezone.now() + timedelta(seconds=every))
            Schedule.objects.filter(pk=row.pk).update(every=every, due_at=row.due_at)
        if row.due_at <= timezone.now():
            enqueued += _enqueue(row, every)
    return enqueued


def _first_seen(path: str, every: float) -> Schedule:
    row, _ = Schedule.objects.get_or_create(
        task_path=path, defaults={"every": every, "due_at": timezone.now()}
    )
    return row


def _enqueue(row: Schedule, every: float) -> bool:
    now = timezone.now()
    with transaction.atomic():
        mine = Schedule.objects.filter(pk=row.pk, due_at=row.due_at).update(
            due_at=due_after(row.due_at, every, now), enqueued_at=now
        )
        if not mine or DBTaskResult.objects.filter(task_path=row.task_path, status__in=UNFINISHED).exists():
            return False
        schedules()[row.task_path][0].enqueue()
    return True
