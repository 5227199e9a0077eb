"""The jobs area's own work: forgetting finished jobs."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from towpath.foundation.jobs.declaring import job, scheduled

KEPT = {TaskResultStatus.SUCCESSFUL: timedelta(days=14), TaskResultStatus.FAILED: timedelta(days=90)}
"""How long a finished job stays on the list."""
BATCH = 500
"""Rows removed in one transaction, so that no writer waits long."""


@scheduled(every=6 * 3600)
@job(attempts=3, timeout=600)
def forget_finished_jobs() -> int:
    """Remove what finished long ago; returns how many."""
    forgotten = 0
    for status, age in KEPT.items():
        old = DBTaskResult.objects.filter(status=status, finished_at__lt=timezone.now() - age)
        while batch := list(old.values_list("pk", flat=True)[:BATCH]):
            forgotten += DBTaskResult.objects.filter(pk__in=batch).delete()[0]
    return forgotten
