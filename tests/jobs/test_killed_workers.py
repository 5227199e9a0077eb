"""Real workers, real signals: no job is lost, and what a job may do twice shows once."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import Any

from chores import fetch_water
from django_tasks import TaskResult
from django_tasks_db.models import DBTaskResult

from conftest import Yard, wait_for
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.jobs import queries
from towpath.foundation.jobs.models import Lease


def state(job_id: str) -> str:
    return queries.get_job(OPERATOR, job_id).state


def all_done(jobs: Sequence[TaskResult[Any, Any]]) -> bool:
    """Of these alone: a worker runs what is scheduled too, and that counts among the successful."""
    ours = DBTaskResult.objects.filter(pk__in=[job.id for job in jobs])
    return ours.successful().count() == len(jobs)


def test_a_job_of_a_worker_killed_in_mid_job_is_run_again_by_another(yard: Yard) -> None:
    job = fetch_water.enqueue("well", 3.0)
    killed = yard.worker()
    wait_for(lambda: yard.marks("well", "begun"))
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert state(job.id) == "running"

    yard.worker()
    wait_for(lambda: state(job.id) == "done")
    row = queries.get_job(OPERATOR, job.id)
    assert row.attempts == 2
    assert yard.marks("well", "begun") == 2
    assert yard.marks("well", "done") == 1, "the killed worker's process must not have gone on"
    assert not Lease.objects.filter(task_id=job.id).exists()  # scheduled jobs have some of their own


def test_no_job_is_lost_when_workers_are_killed_again_and_again(yard: Yard) -> None:
    jobs = [fetch_water.enqueue(f"bucket{number}", 0.1) for number in range(12)]
    for _ in range(2):
        victim = yard.worker(lease=1.0)
        wait_for(Lease.objects.exists)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    yard.worker(lease=1.0)
    wait_for(lambda: all_done(jobs))
    assert all((yard.chores / f"bucket{number}.full").exists() for number in range(12))
    assert queries.counts()["failed"] == 0


def test_two_workers_run_each_job_once_and_long_ones_keep_their_lease(yard: Yard) -> None:
    jobs = [fetch_water.enqueue("far", 4.0)]
    jobs += [fetch_water.enqueue(f"pail{number}") for number in range(20)]
    yard.worker(lease=1.0)
    yard.worker(lease=1.0)
    wait_for(lambda: all_done(jobs))
    assert [yard.marks(f"pail{number}", "begun") for number in range(20)] == [1] * 20
    assert yard.marks("far", "begun") == 1


def test_a_worker_that_is_asked_to_stop_finishes_its_job(yard: Yard) -> None:
    job = fetch_water.enqueue("near", 0.6)
    waiting = fetch_water.enqueue("next", 0.0)
    worker = yard.worker()
    wait_for(lambda: yard.marks("near", "begun"))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=120) == 0
    assert (state(job.id), state(waiting.id)) == ("done", "waiting")


def test_a_worker_out_of_grace_hands_its_job_back_without_counting_the_attempt(yard: Yard) -> None:
    job = fetch_water.enqueue("hill", 30.0)
    worker = yard.worker(grace=0.2)
    wait_for(lambda: yard.marks("hill", "begun"))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=120) == 0
    row = queries.get_job(OPERATOR, job.id)
    assert (row.state, row.attempts, row.not_before) == ("waiting", 0, None)
