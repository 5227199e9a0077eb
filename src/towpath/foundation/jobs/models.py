"""What stands beside the queue of `django_tasks_db`: who runs a job now, and when jobs are due again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from towpath.foundation.access.gate import Guarded
from towpath.foundation.access.rules import Permission
from towpath.foundation.jobs.rules import READ_JOBS


class Lease(Guarded):
    """A worker's right to run one job. It ends when the job does, or when the worker no longer renews it.

    Whoever removes the lease decides about the job: a worker that finds its own gone drops the result.
    """

    read: ClassVar[Permission] = READ_JOBS

    task = models.OneToOneField(
        DBTaskResult, on_delete=models.CASCADE, related_name="lease", verbose_name=_("job")
    )
    worker = models.CharField(_("worker"), max_length=64)
    host = models.CharField(_("host"), max_length=255)
    pid = models.PositiveIntegerField(_("process"))
    taken_at = models.DateTimeField(_("taken at"))
    heartbeat_at = models.DateTimeField(_("last heartbeat"))
    expires_at = models.DateTimeField(_("expires at"), db_index=True)
    progress_done = models.BigIntegerField(_("done"), null=True)
    progress_total = models.BigIntegerField(_("of"), null=True)
    progress_text = models.CharField(_("progress"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")

    def __str__(self) -> str:
        return f"{self.task_id} by {self.worker} on {self.host} ({self.pid})"


class Schedule(Guarded):
    """When a job is due again. One row for each `@scheduled` job, made by the first worker that knows it."""

    read: ClassVar[Permission] = READ_JOBS

    task_path = models.CharField(_("job"), max_length=200, unique=True)
    every = models.FloatField(_("every"), help_text=_("seconds"))
    due_at = models.DateTimeField(_("due at"), db_index=True)
    enqueued_at = models.DateTimeField(_("last due at"), null=True)

    class Meta:
        ordering = ["task_path"]
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")

    def __str__(self) -> str:
        return self.task_path
