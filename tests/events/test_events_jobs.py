"""What the worker does for the lake by itself."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from small_logs import GOOD, MAPPING, write_log, write_mapping

from towpath.events import actions, jobs
from towpath.events.ingest import run_import
from towpath.events.lake.lock import writer_lock
from towpath.events.models import FileImport
from towpath.events.store import lake
from towpath.foundation.access.actor import OPERATOR, Actor, actor_of
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person
from towpath.site.cli import run

pytestmark = pytest.mark.django_db


def begun(folder: Path, actor: Actor = OPERATOR) -> FileImport:
    draft = actions.draft_import(actor, write_log(folder, GOOD), "orders.csv", mapping=MAPPING)
    return actions.confirm_import(actor, draft, MAPPING)


def left_running(folder: Path) -> FileImport:
    found = begun(folder)
    found.state, found.created_at = FileImport.State.RUNNING, timezone.now() - timedelta(hours=1)
    found.save()
    return found


def test_files_that_an_import_replaced_are_removed_and_nothing_else(
    tmp_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rows in (GOOD, [*GOOD, "9,basket,2024-01-03 10:00,5"]):
        log, mapping = write_log(tmp_path, rows), write_mapping(tmp_path)
        assert run(["import", str(log), "--mapping", str(mapping)]) == 0
    assert jobs.remove_replaced_files.call() == 0
    monkeypatch.setattr(jobs, "KEEP_REPLACED", timedelta(0))
    assert jobs.remove_replaced_files.call() == 1
    assert lake().snapshot().query("select count(*) as events from events", {})["events"].to_pylist() == [4]


@pytest.mark.parametrize("state", [FileImport.State.WAITING, FileImport.State.RUNNING])
def test_an_import_whose_job_is_given_up_says_so(
    tmp_home: Home, tmp_path: Path, state: FileImport.State
) -> None:
    found = begun(tmp_path)
    FileImport.objects.filter(pk=found.pk).update(state=state)
    job = jobs.import_file.enqueue(str(found.pk))
    assert jobs.settle_stopped_imports() == 0
    DBTaskResult.objects.filter(pk=job.id).update(status="FAILED", traceback="WorkerLost: it was killed")
    assert jobs.settle_stopped_imports() == 1
    found.refresh_from_db()
    assert found.state == FileImport.State.FAILED
    assert "WorkerLost: it was killed" in found.error
    assert found.finished_at is not None
    assert jobs.settle_stopped_imports() == 0


def test_an_import_whose_command_was_killed_says_so_and_goes_on_when_given_again(
    tmp_home: Home, tmp_path: Path
) -> None:
    found = left_running(tmp_path)
    (tmp_home.staging / str(found.pk)).mkdir()
    (tmp_home.staging / str(found.pk) / "checkpoint.json").write_text(
        '{"flushes": 0, "rows": 0, "state": null}'
    )
    assert jobs.settle_stopped_imports() == 1
    found.refresh_from_db()
    assert "Give the same command again" in found.error
    again = actions.unfinished_import(OPERATOR, Path(found.path), MAPPING)
    assert again == found
    assert run_import(found).state == FileImport.State.DONE


def test_an_import_that_is_being_read_or_has_just_begun_is_left_alone(tmp_home: Home, tmp_path: Path) -> None:
    found = left_running(tmp_path)
    with writer_lock(tmp_home.staging / f"{found.pk}.lock", 0):
        assert jobs.settle_stopped_imports() == 0
    FileImport.objects.filter(pk=found.pk).update(created_at=timezone.now())
    assert jobs.settle_stopped_imports() == 0


def test_the_end_of_an_import_is_audited_under_who_confirmed_it(
    tmp_home: Home, tmp_path: Path, service_manager: Person
) -> None:
    jobs.import_file.call(str(begun(tmp_path, actor_of(service_manager)).pk))
    entry = AuditEntry.objects.get(verb="import.finished")
    assert (entry.actor_kind, entry.actor) == ("person", service_manager.username)


def test_staged_rows_of_imports_that_will_not_go_on_are_cleared_and_others_stay(
    tmp_home: Home, tmp_path: Path
) -> None:
    waiting = begun(tmp_path)
    old = time.time() - 30 * jobs.DAY
    for name in (str(waiting.pk), "mended-7", "mended-8"):
        (tmp_home.staging / name / "month=2024-01").mkdir(parents=True)
        for place in (tmp_home.staging / name / "month=2024-01", tmp_home.staging / name):
            os.utime(place, (old, old))
    (tmp_home.staging / "mended-8" / "month=2024-01" / "new.parquet").write_bytes(b"")
    assert jobs.clear_staging.call() == 1
    assert {each.name for each in tmp_home.staging.iterdir()} == {str(waiting.pk), "mended-8"}
