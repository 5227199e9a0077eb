"""What people are told about jobs: the same typed records for page, API and `--json`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require, visible
from towpath.foundation.jobs.declaring import policy_of
from towpath.foundation.jobs.models import Lease, Schedule
from towpath.foundation.jobs.progress import Progress
from towpath.foundation.jobs.rules import READ_JOBS, GivenUp, State

GIVEN_UP = f"{GivenUp.__module__}.{GivenUp.__qualname__}"
FILTERS = {
    State.WAITING: Q(status=TaskResultStatus.READY),
    State.RUNNING: Q(status=TaskResultStatus.RUNNING),
    State.FAILED: Q(status=TaskResultStatus.FAILED) & ~Q(exception_class_path=GIVEN_UP),
    State.GIVEN_UP: Q(status=TaskResultStatus.FAILED, exception_class_path=GIVEN_UP),
    State.DONE: Q(status=TaskResultStatus.SUCCESSFUL),
}


class JobProgress(msgspec.Struct, frozen=True):
    """`done` of `total` (null: nobody knows how much it is)."""

    done: int
    total: int | None
    text: str


class JobRow(msgspec.Struct, frozen=True):
    """One job. `reason` and `traceback`: its last failed attempt. `not_before`: null where it may run now."""

    id: str
    name: str
    state: str
    arguments: dict[str, Any]
    enqueued_at: datetime
    not_before: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    attempts_allowed: int
    worker: str
    progress: JobProgress | None
    reason: str
    traceback: str


class JobList(msgspec.Struct, frozen=True):
    """Newest first. `counts`: how many there are in each state."""

    counts: dict[str, int]
    jobs: list[JobRow]


class ScheduleRow(msgspec.Struct, frozen=True):
    """A job that comes again every so many seconds."""

    name: str
    every_seconds: float
    due_at: datetime
    enqueued_at: datetime | None


def counts() -> dict[str, int]:
    """How many jobs there are in each state. For gauges too, so it asks for no permission."""
    return {state.value: DBTaskResult.objects.filter(FILTERS[state]).count() for state in State}


def list_jobs(actor: Actor, state: State | None = None, *, limit: int = 100, offset: int = 0) -> JobList:
    """The jobs in one state, or all. Raises PermissionDenied."""
    require(actor, READ_JOBS)
    rows = DBTaskResult.objects.filter(FILTERS[state]) if state else DBTaskResult.objects.all()
    shown = _with_lease(rows.order_by("-enqueued_at", "pk"))[offset : offset + limit]
    return JobList(counts(), [_row(task) for task in shown])


def get_job(actor: Actor, job_id: str | UUID) -> JobRow:
    """One job. Raises PermissionDenied, and Http404 where there is none."""
    require(actor, READ_JOBS)
    return read_job(job_id)


def read_job(job_id: str | UUID) -> JobRow:
    """One job, for an actor who was let in already. Raises Http404 where there is none."""
    try:
        task = _with_lease(DBTaskResult.objects.filter(pk=job_id)).first()
    except ValidationError:
        task = None
    if task is None:
        raise Http404(f"There is no job {job_id}.")
    return _row(task)


def progress_of(job_id: UUID) -> Progress | None:
    """How far a running job is, for a page of the area whose job it is (and which decides who may look)."""
    lease = Lease.objects.filter(task_id=job_id).first()
    if lease is None or lease.progress_done is None:
        return None
    return Progress(lease.progress_done, lease.progress_total, lease.progress_text)


def list_schedules(actor: Actor) -> list[ScheduleRow]:
    """All schedules. Raises PermissionDenied."""
    return [
        ScheduleRow(short_name(row.task_path), row.every, row.due_at, row.enqueued_at)
        for row in visible(Schedule, actor)
    ]


def short_name(task_path: str) -> str:
    """ "events.import_file" of "towpath.events.jobs.import_file"."""
    return task_path.removeprefix("towpath.").removeprefix("foundation.").replace(".jobs.", ".", 1)


def _with_lease(rows: QuerySet[DBTaskResult[Any, Any]]) -> QuerySet[DBTaskResult[Any, Any]]:
    return rows.select_related("lease")


def _state(task: DBTaskResult[Any, Any]) -> State:
    if task.status == TaskResultStatus.FAILED and task.exception_class_path == GIVEN_UP:
        return State.GIVEN_UP
    return {
        TaskResultStatus.READY: State.WAITING,
        TaskResultStatus.RUNNING: State.RUNNING,
        TaskResultStatus.SUCCESSFUL: State.DONE,
        TaskResultStatus.FAILED: State.FAILED,
    }[TaskResultStatus(task.status)]


def _row(task: DBTaskResult[Any, Any]) -> JobRow:
    lease: Lease | None = getattr(task, "lease", None)
    progress = None
    if lease is not None and lease.progress_done is not None:
        progress = JobProgress(lease.progress_done, lease.progress_total, lease.progress_text)
    later = task.run_after != get_date_max() and task.run_after > timezone.now()
    return JobRow(
        id=str(task.pk),
        name=short_name(task.task_path),
        state=_state(task).value,
        arguments=task.args_kwargs,
        enqueued_at=task.enqueued_at,
        not_before=task.run_after if later else None,
        started_at=task.started_at,
        finished_at=task.finished_at,
        attempts=len(task.worker_ids),
        attempts_allowed=policy_of(task.task_path).attempts,
        worker=f"{lease.host} ({lease.pid})" if lease else "",
        progress=progress,
        reason=task.traceback.strip().rsplit("\n", 1)[-1],
        traceback=task.traceback,
    )
