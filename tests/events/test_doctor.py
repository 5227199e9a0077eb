"""`towpath doctor`: what is broken on purpose is named with what to do, and repaired where that is safe."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from lake_rows import batch, event, everything, import_rows

from towpath.events.flushing import flush
from towpath.events.jobs import clear_staging
from towpath.events.keeping.commands import doctor
from towpath.events.keeping.doctor import examine, repair
from towpath.events.keeping.findings import Finding
from towpath.events.store import inbox, lake
from towpath.foundation.access.actor import OPERATOR, actor_of
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person


@pytest.fixture
def well(tmp_home: Home, tmp_path: Path) -> Home:
    import_rows(lake(), tmp_path, "one", [event(number) for number in range(100)])
    inbox().accept(batch([event(number) for number in range(100, 110)]))
    flush(inbox(), lake())
    tmp_home.secret("signing")
    return tmp_home


def found() -> dict[str, Finding]:
    return {each.name: each for each in examine(OPERATOR).findings}


def asked(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(doctor, arguments, standalone_mode=False)
    assert result.exception is None
    return result.return_value, result.output


def write_to(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)


def events_folder(home: Home) -> Path:
    return home.lake / "events"


def test_what_is_well_is_healthy(well: Home) -> None:
    code, told = asked()
    assert (code, told) == (0, "110 events in 3 files, version 2.\nHealthy.\n")


def test_a_lost_file_is_grave_and_says_where_and_what_to_do(well: Home) -> None:
    lost = next(events_folder(well).glob("month=2011-10/*/*.parquet"))
    lost.unlink()
    code, told = asked()
    assert code == 1
    assert "GRAVE: A file of the lake is gone; it held" in told
    assert lost.name in told
    assert "towpath restore" in told
    assert found()["missing"].repairable is False
    assert asked("--repair")[0] == 1


def test_a_broken_index_and_orphans_are_repaired_and_nothing_else_is_touched(well: Home) -> None:
    before = everything(lake().snapshot())
    next((well.lake / "index").glob("*.low")).unlink()
    stray = events_folder(well) / "month=2011-10" / "bucket=0000-of-0001" / "stray.parquet"
    stray.write_bytes(b"12345")
    assert set(found()) == {"index-broken", "orphans"}
    assert "(5 bytes)" in found()["orphans"].what
    code, told = asked("--repair")
    assert (code, told.splitlines()[:2]) == (
        0,
        ["The index knows 110 identities again.", "1 files of no version are gone (5 bytes)."],
    )
    assert not stray.exists()
    assert everything(lake().snapshot()) == before
    inbox().accept(batch([event(number) for number in range(110)]))
    assert flush(inbox(), lake()).written == 0
    assert AuditEntry.objects.filter(verb="doctor.repaired").count() == 1


def test_a_fill_that_disagrees_is_counted_anew(well: Home) -> None:
    inbox().accept(batch([event(200)]))
    write_to(well.inbox, "update fill set events = 7, bytes = 1")
    assert found()["inbox-fill"].what == "The inbox says that 7 events wait, and 1 do."
    assert repair(OPERATOR).healthy
    assert inbox().fill().events == 1


def test_flushed_batches_that_stay_and_old_ones_that_wait_are_named(well: Home) -> None:
    inbox().accept(batch([event(201)]))
    write_to(well.inbox, "update batches set accepted = accepted - 4000")
    assert found()["sign-inbox"].gravity == "grave"
    assert "for 1 h 7 min" in found()["sign-inbox"].what.replace("\N{NO-BREAK SPACE}", " ")
    write_to(well.inbox, "update batches set number = 1")
    assert found()["inbox-flushed"].what == "1 batches wait in the inbox although the lake has them."


def test_a_damaged_inbox_is_grave(well: Home) -> None:
    inbox().compact()
    content = bytearray(well.inbox.read_bytes())
    content[100:2000] = b"\xff" * 1900
    well.inbox.write_bytes(content)
    assert found()["inbox-broken"].gravity == "grave"


def test_what_others_may_read_is_named_with_the_command_that_closes_it(well: Home) -> None:
    (well.secrets / "signing").chmod(0o644)
    well.root.chmod(0o755)
    told = [each for each in examine(OPERATOR).findings if each.name == "permissions"]
    assert [each.where for each in told] == [str(well.root), str(well.secrets / "signing")]
    assert told[0].advice == f"Run: chmod 700 {well.root}"
    assert told[1].advice.startswith(f"Run: chmod 600 {well.secrets / 'signing'}.")
    well.root.chmod(0o700)


def test_a_job_whose_worker_is_gone_is_stuck(well: Home) -> None:
    clear_staging.enqueue()
    long_ago = timezone.now() - timedelta(hours=1)
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=long_ago)
    assert "1 stuck" in found()["sign-jobs"].what


def test_notes_of_killed_writers_are_left_over(well: Home) -> None:
    with lake().still() as body:
        body.log.store.write_json("_intents/tail/x.json", {"writer": "inbox-9", "turn": 1, "paths": []})
    assert found()["leftovers"].where == "_intents/tail/x.json"
    assert repair(OPERATOR).healthy


def test_while_somebody_writes_it_says_what_it_did_not_look_at(
    well: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("towpath.events.keeping.doctor.LOCK_S", 0.05)
    with lake().writing():
        report = examine(OPERATOR)
    assert report.healthy
    assert "is being written" in report.not_looked_at[0]


def test_json_is_the_same_record(well: Home) -> None:
    well.root.chmod(0o750)
    code, told = asked("--json")
    record = json.loads(told)
    assert (code, record["healthy"], record["events"]) == (1, False, 110)
    assert record["findings"][0]["name"] == "permissions"
    well.root.chmod(0o700)


def test_only_an_administrator_repairs(service_manager: Person, well: Home) -> None:
    with pytest.raises(PermissionDenied):
        repair(actor_of(service_manager))
