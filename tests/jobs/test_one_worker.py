"""What one worker makes of jobs that fail, crash, dawdle or are given up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chores import count_buckets, dawdle, fall_into_the_well, fetch_water, spill, stumble_once
from django_tasks_db.models import DBTaskResult

from conftest import Yard, wait_for
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.jobs import actions, queries


@pytest.fixture(scope="module")
def tended(_records: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    """A yard with a worker that stays for all tests: starting one takes longer than the tests do."""
    place = Yard(_records, tmp_path_factory.mktemp("chores"))
    place.worker()
    yield place
    place.clear()
    DBTaskResult.objects.all().delete()


def state(job_id: str) -> str:
    return queries.get_job(OPERATOR, job_id).state


def test_a_failing_job_is_tried_as_often_as_it_declared_and_says_why(tended: Yard) -> None:
    job = spill.enqueue("tub")
    wait_for(lambda: state(job.id) == "failed")
    row = queries.get_job(OPERATOR, job.id)
    assert (row.attempts, row.attempts_allowed, tended.marks("tub", "begun")) == (3, 3, 3)
    assert row.reason == "RuntimeError: tub leaks"
    assert "chores.py" in row.traceback


def test_a_job_that_stumbles_once_arrives(tended: Yard) -> None:
    job = stumble_once.enqueue("path")
    wait_for(lambda: state(job.id) == "done")
    assert DBTaskResult.objects.get(pk=job.id).return_value == "arrived"


def test_a_job_that_takes_its_process_along_does_not_take_the_worker(tended: Yard) -> None:
    fatal, after = fall_into_the_well.enqueue("deep"), fetch_water.enqueue("brook")
    wait_for(lambda: state(fatal.id) == "failed")
    wait_for(lambda: state(after.id) == "done")
    assert "SIGABRT" in queries.get_job(OPERATOR, fatal.id).reason


def test_a_job_past_its_time_limit_is_ended(tended: Yard) -> None:
    job = dawdle.enqueue("lane")
    wait_for(lambda: state(job.id) == "failed")
    assert queries.get_job(OPERATOR, job.id).reason == "TimeLimit: it ran longer than 0.3 seconds"


def test_a_running_job_that_a_person_gives_up_is_ended(tended: Yard) -> None:
    job, after = fetch_water.enqueue("sea", 30.0), fetch_water.enqueue("pond")
    wait_for(lambda: tended.marks("sea", "begun"))
    actions.give_up(OPERATOR, job.id)
    wait_for(lambda: state(after.id) == "done")
    assert state(job.id) == "given_up"
    assert tended.marks("sea", "done") == 0


def test_progress_of_a_running_job_is_seen(tended: Yard) -> None:
    job = count_buckets.enqueue("row", 1000)
    wait_for(lambda: (row := queries.get_job(OPERATOR, job.id)).progress and row.progress.done == 1000)
    seen = queries.get_job(OPERATOR, job.id).progress
    assert seen is not None
    assert (seen.total, seen.text) == (1000, "bucket 1000")
    (tended.chores / "row.enough").touch()
    wait_for(lambda: state(job.id) == "done")
