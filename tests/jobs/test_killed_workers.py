"""Real workers, real signals: no job is lost, and what a job may do twice shows once."""

from __future__ import annotations

import signal

from chores import count_buckets, dawdle, fall_into_the_well, fetch_water, spill, stumble_once
from django_tasks_db.models import DBTaskResult

from conftest import Yard, wait_for
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.jobs import actions, queries
from towpath.foundation.jobs.models import Lease


def state(job_id: str) -> str:
    return queries.get_job(OPERATOR, job_id).state


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
    assert not Lease.objects.exists()


def test_no_job_is_lost_when_workers_are_killed_again_and_again(yard: Yard) -> None:
    jobs = [fetch_water.enqueue(f"bucket{number}", 0.1) for number in range(12)]
    for _ in range(2):
        victim = yard.worker(lease=1.0)
        wait_for(Lease.objects.exists)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    yard.worker(lease=1.0)
    yard.worker(lease=1.0)
    wait_for(lambda: DBTaskResult.objects.successful().count() == len(jobs))
    assert all((yard.chores / f"bucket{number}.full").exists() for number in range(12))
    assert queries.counts()["failed"] == 0


def test_two_workers_never_run_one_job_at_once(yard: Yard) -> None:
    for number in range(20):
        fetch_water.enqueue(f"pail{number}")
    workers = [yard.worker(drain=True), yard.worker(drain=True)]
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    assert [yard.marks(f"pail{number}", "begun") for number in range(20)] == [1] * 20


def test_a_long_job_keeps_its_lease_by_heartbeats(yard: Yard) -> None:
    job = fetch_water.enqueue("far", 2.5)
    yard.worker(lease=0.6)
    yard.worker(lease=0.6)
    wait_for(lambda: state(job.id) == "done")
    assert yard.marks("far", "begun") == 1


def test_a_worker_that_is_asked_to_stop_finishes_its_job(yard: Yard) -> None:
    job = fetch_water.enqueue("near", 0.6)
    waiting = fetch_water.enqueue("next", 0.0)
    worker = yard.worker()
    wait_for(lambda: yard.marks("near", "begun"))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 0
    assert (state(job.id), state(waiting.id)) == ("done", "waiting")


def test_a_worker_out_of_grace_hands_its_job_back_without_counting_the_attempt(yard: Yard) -> None:
    job = fetch_water.enqueue("hill", 30.0)
    worker = yard.worker(grace=0.2)
    wait_for(lambda: yard.marks("hill", "begun"))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 0
    row = queries.get_job(OPERATOR, job.id)
    assert (row.state, row.attempts, row.not_before) == ("waiting", 0, None)


def test_a_failing_job_is_tried_as_often_as_it_declared_and_says_why(yard: Yard) -> None:
    job = spill.enqueue("tub")
    yard.worker()
    wait_for(lambda: state(job.id) == "failed")
    row = queries.get_job(OPERATOR, job.id)
    assert (row.attempts, row.attempts_allowed, yard.marks("tub", "begun")) == (3, 3, 3)
    assert row.reason == "RuntimeError: tub leaks"
    assert "chores.py" in row.traceback


def test_a_job_that_stumbles_once_arrives(yard: Yard) -> None:
    job = stumble_once.enqueue("path")
    yard.worker()
    wait_for(lambda: state(job.id) == "done")
    assert DBTaskResult.objects.get(pk=job.id).return_value == "arrived"


def test_a_job_that_takes_its_process_along_does_not_take_the_worker(yard: Yard) -> None:
    fatal, after = fall_into_the_well.enqueue("deep"), fetch_water.enqueue("brook")
    yard.worker()
    wait_for(lambda: state(fatal.id) == "failed")
    wait_for(lambda: state(after.id) == "done")
    assert "SIGABRT" in queries.get_job(OPERATOR, fatal.id).reason


def test_a_job_past_its_time_limit_is_ended(yard: Yard) -> None:
    job = dawdle.enqueue("lane")
    yard.worker()
    wait_for(lambda: state(job.id) == "failed")
    assert queries.get_job(OPERATOR, job.id).reason == "TimeLimit: it ran longer than 0.3 seconds"


def test_a_running_job_that_a_person_gives_up_is_ended(yard: Yard) -> None:
    job, after = fetch_water.enqueue("sea", 30.0), fetch_water.enqueue("pond")
    yard.worker(lease=0.6)
    wait_for(lambda: yard.marks("sea", "begun"))
    actions.give_up(OPERATOR, job.id)
    wait_for(lambda: state(after.id) == "done")
    assert state(job.id) == "given_up"
    assert yard.marks("sea", "done") == 0


def test_progress_of_a_running_job_is_seen(yard: Yard) -> None:
    job = count_buckets.enqueue("row", 1000)
    yard.worker()
    wait_for(lambda: (row := queries.get_job(OPERATOR, job.id)).progress and row.progress.done == 1000)
    seen = queries.get_job(OPERATOR, job.id).progress
    assert seen is not None
    assert (seen.total, seen.text) == (1000, "bucket 1000")
    (yard.chores / "row.enough").touch()
    wait_for(lambda: state(job.id) == "done")
