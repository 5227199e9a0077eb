"""Taking a job, keeping it, and saying what became of it. Each step is one short transaction.

A step that ends a lease removes its row first, and goes on only if it was there: of two that try (a worker
that comes back late, and the one that recovers from it) exactly one decides. Workers compare times of their
own clocks, so the clocks of one database's workers must differ by less than the length of a lease.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from towpath.foundation.jobs.declaring import policy_of
from towpath.foundation.jobs.models import Lease
from towpath.foundation.jobs.progress import Progress
from towpath.foundation.jobs.rules import WorkerLost, pause_after

Task = DBTaskResult[Any, Any]


class LeaseLost(Exception):
    """Another has decided about the job: what this worker found out counts no more."""


@dataclass(frozen=True)
class Identity:
    """Which worker process it is."""

    name: str = field(default_factory=lambda: get_random_string(16))
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)


@dataclass(frozen=True)
class Held:
    """A job that this worker may run."""

    lease_id: int
    worker: str
    task_id: UUID
    task_path: str


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed: the exception's dotted class, and the text that people read."""

    exception: str
    traceback: str


def failure(kind: type[Exception], text: str) -> Failure:
    """A failure that we found, rather than one that the job raised."""
    return Failure(f"{kind.__module__}.{kind.__qualname__}", f"{kind.__qualname__}: {text}")


def claim(worker: Identity, length: float) -> Held | None:
    """Take the next ready job for `length` seconds, if there is one. Counts as an attempt."""
    ready = DBTaskResult.objects.ready()
    if not ready.exists():
        return None
    with transaction.atomic():
        task = ready.select_for_update(skip_locked=True).first()
        if task is None:
            return None
        task.claim(worker.name)
        now = timezone.now()
        lease = Lease.objects.create(
            task=task,
            worker=worker.name,
            host=worker.host,
            pid=worker.pid,
            taken_at=now,
            heartbeat_at=now,
            expires_at=now + timedelta(seconds=length),
        )
    return Held(lease.pk, worker.name, task.pk, task.task_path)


def renew(held: Held, length: float, progress: Progress | None = None) -> None:
    """The heartbeat. Raises LeaseLost where another has decided about the job."""
    now = timezone.now()
    news: dict[str, Any] = {"heartbeat_at": now, "expires_at": now + timedelta(seconds=length)}
    if progress is not None:
        news |= {"progress_done": progress.done, "progress_total": progress.total}
        news["progress_text"] = progress.text[:200]
    if not Lease.objects.filter(pk=held.lease_id, worker=held.worker).update(**news):
        raise LeaseLost(held.task_path)


def succeed(held: Held, value: Any) -> None:
    """Note the result. Raises LeaseLost."""
    with _ended(held) as task:
        task.status = TaskResultStatus.SUCCESSFUL
        task.finished_at = timezone.now()
        task.return_value = value
        task.exception_class_path = task.traceback = ""


def fail(held: Held, why: Failure) -> None:
    """Note the failure; the job waits for its next attempt, or has failed for good. Raises LeaseLost."""
    with _ended(held) as task:
        _try_later_or_fail(task, why)


def hand_back(held: Held) -> None:
    """Let another worker have it, as if this one had never taken it. Raises LeaseLost."""
    with _ended(held) as task:
        task.status = TaskResultStatus.READY
        task.worker_ids = task.worker_ids[:-1]


def recover() -> int:
    """Free the jobs whose workers stopped answering; the lost attempt counts. Returns how many there were."""
    recovered = 0
    now = timezone.now()
    for lease in Lease.objects.filter(expires_at__lt=now):
        with transaction.atomic():
            if not Lease.objects.filter(pk=lease.pk, expires_at__lt=now).delete()[0]:
                continue
            task = DBTaskResult.objects.select_for_update().get(pk=lease.task_id)
            text = (
                f"worker {lease.worker} on {lease.host} (process {lease.pid}) "
                f"was last heard of at {lease.heartbeat_at:%Y-%m-%d %H:%M:%S} UTC"
            )
            _try_later_or_fail(task, failure(WorkerLost, text))
            task.save()
            recovered += 1
    return recovered


@contextmanager
def _ended(held: Held) -> Iterator[Task]:
    with transaction.atomic():
        if not Lease.objects.filter(pk=held.lease_id, worker=held.worker).delete()[0]:
            raise LeaseLost(held.task_path)
        task = DBTaskResult.objects.select_for_update().get(pk=held.task_id)
        yield task
        task.save()


def _try_later_or_fail(task: Task, why: Failure) -> None:
    policy = policy_of(task.task_path)
    attempt = len(task.worker_ids)
    task.exception_class_path, task.traceback = why.exception, why.traceback
    if attempt < policy.attempts:
        task.status = TaskResultStatus.READY
        task.run_after = timezone.now() + pause_after(attempt, policy.pause, random.random())  # noqa: S311
    else:
        task.status = TaskResultStatus.FAILED
        task.finished_at = timezone.now()
