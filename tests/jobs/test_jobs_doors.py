"""Jobs through the page, the API and the command: the administrator, the service manager, and outsiders."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from chores import fetch_water
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.jobs.commands import jobs
from towpath.foundation.people.models import Person

ClientOf = Callable[[Person], Client]


@pytest.fixture
def failed(db: None) -> DBTaskResult:
    task = DBTaskResult.objects.get(pk=fetch_water.enqueue("well").id)
    task.status, task.finished_at, task.worker_ids = "FAILED", timezone.now(), ["a", "b", "c"]
    task.exception_class_path, task.traceback = "builtins.OSError", "Traceback ...\nOSError: the rope broke\n"
    task.save()
    return task


def test_the_page_shows_what_failed_and_why(
    client_of: ClientOf, administrator: Person, failed: DBTaskResult
) -> None:
    page = client_of(administrator).get("/administration/jobs/", {"state": "failed"}).content.decode()
    assert "OSError: the rope broke" in page
    assert "Run again" in page
    one = client_of(administrator).get(f"/administration/jobs/{failed.pk}/").content.decode()
    assert "Traceback ..." in one


def test_a_service_manager_sees_jobs_but_decides_nothing(
    client_of: ClientOf, service_manager: Person, failed: DBTaskResult
) -> None:
    client = client_of(service_manager)
    page = client.get("/administration/jobs/").content.decode()
    assert "the rope broke" in page
    assert "Run again" not in page
    refused = client.post(f"/administration/jobs/{failed.pk}/decision/", {"decision": "run-again"})
    assert refused.status_code == 403


def test_an_agent_sees_no_jobs(client_of: ClientOf, agent: Person) -> None:
    assert client_of(agent).get("/administration/jobs/").status_code == 403


def test_run_again_gives_all_attempts_back_and_is_audited(
    client_of: ClientOf, administrator: Person, failed: DBTaskResult
) -> None:
    client_of(administrator).post(f"/administration/jobs/{failed.pk}/decision/", {"decision": "run-again"})
    failed.refresh_from_db()
    assert (failed.status, failed.worker_ids, failed.finished_at) == ("READY", [], None)
    entry = AuditEntry.objects.get(verb="job.run_again")
    assert entry.actor == administrator.username
    assert (entry.before or {})["status"] == "FAILED"
    assert (entry.after or {})["status"] == "READY"


def test_a_waiting_job_can_be_given_up(client_of: ClientOf, administrator: Person) -> None:
    job = fetch_water.enqueue("dry")
    client_of(administrator).post(f"/administration/jobs/{job.id}/decision/", {"decision": "give-up"})
    task = DBTaskResult.objects.get(pk=job.id)
    assert task.status == "FAILED"
    assert task.traceback == f"GivenUp: given up by {administrator.username}"


def test_the_api_says_the_same_as_the_command(
    key_client: Callable[..., Client], failed: DBTaskResult
) -> None:
    answer = key_client(["jobs:read"]).get("/api/jobs", {"state": "failed"}).json()
    printed = json.loads(CliRunner().invoke(jobs, ["list", "--state", "failed", "--json"]).output)
    assert [job["id"] for job in printed["jobs"]] == [str(failed.pk)]
    assert answer["counts"] == printed["counts"]
    assert answer["jobs"][0]["reason"] == printed["jobs"][0]["reason"] == "OSError: the rope broke"


def test_the_api_refuses_without_the_scope_and_what_cannot_be(
    key_client: Callable[..., Client], failed: DBTaskResult
) -> None:
    assert key_client(["jobs:read"]).post(f"/api/jobs/{failed.pk}/run-again").status_code == 403
    manager = key_client(["jobs:manage"])
    assert manager.post(f"/api/jobs/{failed.pk}/run-again").json()["state"] == "waiting"
    assert manager.post(f"/api/jobs/{uuid4()}/give-up").status_code == 404
    DBTaskResult.objects.filter(pk=failed.pk).update(status="SUCCESSFUL")
    conflict = manager.post(f"/api/jobs/{failed.pk}/run-again")
    assert conflict.status_code == 409
    assert "nothing to run again" in conflict.json()["detail"]


def test_the_command_retries_and_names_what_it_cannot_find(failed: DBTaskResult) -> None:
    assert CliRunner().invoke(jobs, ["retry", str(failed.pk)]).exit_code == 0
    failed.refresh_from_db()
    assert failed.status == "READY"
    assert "chores.fetch_water" in CliRunner().invoke(jobs, ["show", str(failed.pk)]).output
    lost = CliRunner().invoke(jobs, ["retry", "not-a-job"])
    assert (lost.exit_code, lost.stderr) == (2, "towpath: There is no job not-a-job.\n")
