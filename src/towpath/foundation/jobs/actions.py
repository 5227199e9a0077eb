"""What a person may do about a job."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from towpath.foundation.access.actor import Actor
from towpath.foundation.audit.writing import writing
from towpath.foundation.jobs.leasing import failure
from towpath.foundation.jobs.models import Lease
from towpath.foundation.jobs.rules import MANAGE_JOBS, GivenUp


class NotNow(ValueError):
    """The job is in a state in which this cannot be done; the text says what can."""


def run_again(actor: Actor, job_id: str | UUID) -> None:
    """Let a failed or given-up job run at once, with all its attempts; a waiting one waits no longer.

    Raises PermissionDenied, Http404, and NotNow for a job that runs or is done.
    """
    with writing(actor, "job.run_again", MANAGE_JOBS) as write:
        task = _locked(job_id)
        before = _state(task)
        if task.status in (TaskResultStatus.RUNNING, TaskResultStatus.SUCCESSFUL):
            raise NotNow(f"Job {task.pk} is {task.get_status_display().lower()}: nothing to run again.")
        task.status = TaskResultStatus.READY
        task.run_after = get_date_max()
        task.worker_ids = []
        task.finished_at = None
        task.save()
        write.about(task, before=before, after=_state(task))


def give_up(actor: Actor, job_id: str | UUID) -> None:
    """Settle that a job is not to be run (any more). One that runs is ended by its worker within a second.

    Raises PermissionDenied, Http404, and NotNow for a job that is done.
    """
    with writing(actor, "job.given_up", MANAGE_JOBS) as write:
        task = _locked(job_id)
        before = _state(task)
        if task.status == TaskResultStatus.SUCCESSFUL:
            raise NotNow(f"Job {task.pk} is done: there is nothing to give up.")
        Lease.objects.filter(task=task).delete()
        why = failure(GivenUp, f"given up by {actor.name or actor.kind}")
        task.status = TaskResultStatus.FAILED
        task.exception_class_path, task.traceback = why.exception, why.traceback
        task.finished_at = timezone.now()
        task.save()
        write.about(task, before=before, after=_state(task))


def _locked(job_id: str | UUID) -> DBTaskResult[Any, Any]:
    try:
        return DBTaskResult.objects.select_for_update().get(pk=job_id)
    except (DBTaskResult.DoesNotExist, ValidationError):
        raise Http404(f"There is no job {job_id}.") from None


def _state(task: DBTaskResult[Any, Any]) -> dict[str, Any]:
    return {"job": task.task_path, "status": task.status, "attempts": len(task.worker_ids)}
