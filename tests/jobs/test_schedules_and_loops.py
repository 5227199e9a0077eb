"""Schedules are kept in the records; loops go on after errors."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.jobs import queries
from towpath.foundation.jobs.declaring import Loop
from towpath.foundation.jobs.jobs import forget_finished_jobs
from towpath.foundation.jobs.looping import Loops, keep_running
from towpath.foundation.jobs.models import Schedule
from towpath.foundation.jobs.scheduling import enqueue_due

PATH = forget_finished_jobs.module_path


def waiting() -> int:
    return DBTaskResult.objects.filter(task_path=PATH).count()


@pytest.fixture
def only_forgetting(monkeypatch: pytest.MonkeyPatch, db: None) -> Schedule:
    """One schedule, as a worker that meets it for the first time leaves it."""
    declared = {PATH: (forget_finished_jobs, 3600.0)}
    monkeypatch.setattr("towpath.foundation.jobs.scheduling.schedules", lambda: declared)
    assert enqueue_due() == 1
    return Schedule.objects.get(task_path=PATH)


def test_a_new_schedule_is_due_at_once_and_then_in_its_own_time(only_forgetting: Schedule) -> None:
    assert enqueue_due() == 0
    assert waiting() == 1
    assert timedelta(minutes=59) < only_forgetting.due_at - timezone.now() <= timedelta(hours=1)


def test_after_a_time_without_workers_it_is_caught_up_with_once(only_forgetting: Schedule) -> None:
    DBTaskResult.objects.all().delete()
    Schedule.objects.update(due_at=timezone.now() - timedelta(days=3))
    assert [enqueue_due(), enqueue_due()] == [1, 0]
    assert waiting() == 1
    assert Schedule.objects.get().due_at > timezone.now()


def test_a_job_that_is_not_done_yet_is_not_doubled(only_forgetting: Schedule) -> None:
    Schedule.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert enqueue_due() == 0
    assert waiting() == 1


def test_of_two_workers_that_see_it_due_one_enqueues_it(
    only_forgetting: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second looked before the first wrote: it holds the row as it was."""
    from towpath.foundation.jobs import scheduling

    DBTaskResult.objects.all().delete()
    Schedule.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    seen = Schedule.objects.get()
    assert [scheduling._enqueue(seen, 3600.0), scheduling._enqueue(seen, 3600.0)] == [True, False]
    assert waiting() == 1


def test_a_changed_interval_is_kept(only_forgetting: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    declared = {PATH: (forget_finished_jobs, 60.0)}
    monkeypatch.setattr("towpath.foundation.jobs.scheduling.schedules", lambda: declared)
    enqueue_due()
    row = queries.list_schedules(OPERATOR)[0]
    assert (row.name, row.every_seconds) == ("jobs.forget_finished_jobs", 60.0)
    assert row.due_at - timezone.now() <= timedelta(seconds=60)


def test_finished_jobs_are_forgotten_in_their_time(db: None) -> None:
    for status, days in [("SUCCESSFUL", 15), ("SUCCESSFUL", 13), ("FAILED", 91), ("FAILED", 15)]:
        task = DBTaskResult.objects.get(pk=forget_finished_jobs.enqueue().id)
        task.status, task.finished_at = status, timezone.now() - timedelta(days=days)
        task.save()
    assert forget_finished_jobs.call() == 2
    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == ["FAILED", "SUCCESSFUL"]


def test_a_loop_goes_on_after_an_error(db: None) -> None:
    stop, turns = threading.Event(), []

    def turn() -> None:
        turns.append(len(turns))
        if len(turns) == 3:
            stop.set()
        if len(turns) == 1:
            raise RuntimeError("the first turn fails")

    keep_running(Loop("test", 0.01, turn), stop)
    assert turns == [0, 1, 2]


def test_a_slow_loop_does_not_hold_up_another() -> None:
    slow, quick = threading.Event(), threading.Event()
    both = Loops([Loop("slow", 1.0, lambda: slow.wait(30)), Loop("quick", 0.01, quick.set)])
    both.start()
    assert quick.wait(10)
    slow.set()
    both.stop(10)
    assert not any(thread.is_alive() for thread in both._threads)
