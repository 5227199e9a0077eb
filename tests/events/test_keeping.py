"""How Towpath is: measured, told in words, the same on the page, in the API, in the shell, in gauges."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone
from lake_rows import batch, event
from prometheus_client import CollectorRegistry, generate_latest

from towpath.events.flushing import flush
from towpath.events.jobs import compact_lake
from towpath.events.keeping import notes
from towpath.events.keeping.commands import keeping as keeping_command
from towpath.events.keeping.commands import retention as retention_command
from towpath.events.keeping.queries import keeping
from towpath.events.keeping.state import BACKUP_MADE, DiskState, Figures, JobsState, Waiting, measured
from towpath.events.keeping.telling import signs, worst
from towpath.events.lake import Lake
from towpath.events.store import inbox, lake
from towpath.events.watch import Watch
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.foundation.people.models import Person

GB = 1 << 30


@pytest.fixture
def seen(tmp_home: Home) -> Figures:
    """A home in which two events came in."""
    lake()
    received = datetime.now(UTC) - timedelta(seconds=2)
    inbox().accept(batch([event(number, received=received) for number in range(2)]))
    flush(inbox(), lake())
    return measured()


def sign(found: Figures, name: str, **changed: Any) -> tuple[str, str]:
    """Level and words of one sign, with no-break spaces as plain ones."""
    told = {each.name: each for each in signs(msgspec.structs.replace(found, **changed))}[name]
    return told.level, told.words.replace("\N{NO-BREAK SPACE}", " ")


def test_it_measures_how_long_events_took_until_they_could_be_queried(seen: Figures) -> None:
    assert seen.until_queried is not None
    assert 2 <= seen.until_queried.median_seconds < 20
    assert (seen.until_queried.flushes, seen.until_queried.events) == (1, 2)


def test_the_median_counts_each_flush_as_often_as_it_had_events(tmp_path: Path) -> None:
    for ago, count in ((1, 1), (5, 100), (90, 1)):
        received = datetime.now(UTC) - timedelta(seconds=ago)
        notes.note_flush(
            tmp_path, batch([event(number, received=received) for number in range(count)])["received"]
        )
    found = notes.waited(tmp_path)
    assert found is not None
    assert (round(found.median_s), round(found.longest_s), found.events) == (5, 90, 102)
    assert (tmp_path / "keeping/flushes.json").stat().st_mode & 0o777 == 0o600


def test_a_note_that_cannot_be_kept_or_read_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "keeping").write_text("in the way")
    notes.note_compaction(tmp_path, 5)
    assert notes.last_compaction(tmp_path) is None
    (tmp_path / "keeping").unlink()
    notes.note_compaction(tmp_path, 5)
    (tmp_path / "keeping/compaction.json").write_text("{half")
    assert notes.last_compaction(tmp_path) is None


def test_compaction_is_noted_when_it_moved_something(
    seen: Figures, tmp_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    compact_lake()
    assert notes.last_compaction(tmp_home.root) is None
    monkeypatch.setattr("towpath.events.lake.compacting.TAIL_AGE", timedelta(0))
    compact_lake()
    assert notes.last_compaction(tmp_home.root) is not None
    assert measured().lake.tail_files == 0


def fill_disk_notes(home: Path, hours: int, daily: float) -> None:
    now = time.time()
    looks = [[now - 3600 * ago, 100 * GB + daily * ago / 24] for ago in range(hours, -1, -1)]
    looks[len(looks) // 2][1] -= 50 * GB  # a big file that came and went
    (home / "keeping").mkdir(exist_ok=True)
    (home / "keeping/disk.json").write_text(json.dumps(looks))


def test_the_rate_is_told_from_a_day_on_and_is_not_tilted_by_one_big_file(tmp_path: Path) -> None:
    fill_disk_notes(tmp_path, 12, 2 * GB)
    assert notes.shrinking(tmp_path) is None
    fill_disk_notes(tmp_path, 72, 2 * GB)
    assert notes.shrinking(tmp_path) == pytest.approx(2 * GB, rel=0.01)


def test_room_is_noted_every_half_hour_at_most(tmp_path: Path) -> None:
    notes.note_disk(tmp_path)
    notes.note_disk(tmp_path)
    assert len(json.loads((tmp_path / "keeping/disk.json").read_text())) == 1


def test_each_sign_says_how_grave_it_is(seen: Figures) -> None:
    assert sign(seen, "inbox")[0] == "good"
    words = sign(seen, "inbox", inbox=Waiting(12, 4096, 3.0))[1]
    assert words == "12 events wait (4.0 KB), the oldest for 3.0 s."
    assert sign(seen, "inbox", inbox=Waiting(12, 4096, 90.0))[0] == "watch"
    assert sign(seen, "inbox", inbox=Waiting(12, 4096, 900.0))[0] == "act"
    assert sign(seen, "jobs", jobs=JobsState(1, 2, 0, 0, 0, 0)) == ("good", "2 running, 1 waiting.")
    assert sign(seen, "jobs", jobs=JobsState(1, 2, 0, 3, 0, 0))[0] == "watch"
    stuck = JobsState(0, 1, 1, 0, 0, 2)
    assert sign(seen, "jobs", jobs=stuck) == ("act", "1 running, 0 waiting, 1 stuck.")
    assert sign(seen, "worker", jobs=stuck)[0] == "act"


def test_the_disk_says_when_it_will_be_full_or_that_it_cannot_tell(seen: Figures) -> None:
    def told(free: float, daily: float | None, days: float | None) -> tuple[str, str]:
        return sign(seen, "disk", disk=DiskState(int(free), 200 * GB, daily, days))

    assert told(100 * GB, None, None)[1].endswith("Too little data to say when it will be full.")
    assert told(100 * GB, -1.0, None) == ("good", "100.0 GB of 200.0 GB are left. It is not getting less.")
    assert told(100 * GB, GB, 100)[0] == "good"
    level, words = told(20 * GB, GB, 20)
    assert (level, "At the present rate (1.0 GB a day) it is full in about 20 d." in words) == ("watch", True)
    assert told(5 * GB, GB, 5)[0] == "act"
    assert told(GB / 4, None, None)[0] == "act"


def test_the_last_backup_is_told_or_that_none_is_known(seen: Figures) -> None:
    assert sign(seen, "backup") == ("watch", "No backup is known.")
    AuditEntry.objects.create(actor_kind="operator", actor="operator", verb=BACKUP_MADE, target="x")
    assert sign(measured(), "backup")[0] == "good"
    assert sign(seen, "backup", last_backup=timezone.now() - timedelta(days=5))[0] == "watch"
    assert sign(seen, "backup", last_backup=timezone.now() - timedelta(days=50))[0] == "act"
    assert worst(signs(seen)) == "watch"


def test_page_api_and_command_tell_the_same(
    seen: Figures, administrator: Person, client_of: Callable[[Person], Client]
) -> None:
    client = client_of(administrator)
    record = client.get("/api/keeping").json()
    page = client.get("/administration/keeping/").content.decode()
    for each in record["signs"]:
        assert each["title"] in page
    assert "No backup is known." in page
    assert "look at it" in page
    printed = CliRunner().invoke(keeping_command, ["--json"], standalone_mode=False).output
    assert json.loads(printed).keys() == record.keys()
    assert json.loads(printed)["lake"] == record["lake"]
    words = CliRunner().invoke(keeping_command, [], standalone_mode=False).output
    assert "! The last backup: No backup is known." in words


def test_an_agent_may_not_look(seen: Figures, agent: Person, client_of: Callable[[Person], Client]) -> None:
    assert client_of(agent).get("/administration/keeping/").status_code == 403
    assert client_of(agent).get("/api/keeping").status_code == 403


def test_a_scrape_opens_the_lake_once(seen: Figures, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    before = Lake.snapshot

    def counted(self: Lake, version: int | None = None) -> Any:
        opened.append(1)
        return before(self, version)

    monkeypatch.setattr(Lake, "snapshot", counted)
    registry = CollectorRegistry()
    registry.register(Watch())
    told = generate_latest(registry).decode()
    assert len(opened) == 1
    assert "towpath_lake_events 2.0" in told
    assert "towpath_lake_tail_files 1.0" in told
    assert "towpath_queryable_seconds " in told
    assert "\ntowpath_backup_timestamp_seconds" not in told


def test_retention_is_looked_at_on_its_page_before_it_is_put_in_force(
    seen: Figures, administrator: Person, client_of: Callable[[Person], Client]
) -> None:
    lake().compact(force=True)
    client, address = client_of(administrator), "/administration/retention/"
    text = "events:\n- types: viewed\n  months: 1\n"
    looked = client.post(address, {"text": text, "do": "look"}).content.decode()
    assert "2 events, 0 records in quarantine" in looked
    assert "Nothing has gone yet" in looked
    wrong = client.post(address, {"text": "events: [{types: '*', months: 0}]", "do": "look"})
    assert (wrong.status_code, "line 1, column 23" in wrong.content.decode()) == (422, True)
    unseen = client.post(address, {"text": text, "do": "apply", "looked": "events: []"})
    assert "Nothing has gone yet" in unseen.content.decode()
    assert "types: viewed" not in client.get(address).content.decode()
    assert client.post(address, {"text": text, "do": "apply", "looked": text}).status_code == 302
    assert "types: viewed" in client.get(address).content.decode()
    assert lake().snapshot().rows == 2


def test_a_service_manager_reads_retention_and_cannot_change_it(
    seen: Figures, service_manager: Person, client_of: Callable[[Person], Client]
) -> None:
    client, address = client_of(service_manager), "/administration/retention/"
    assert "readonly" in client.get(address).content.decode()
    assert client.post(address, {"text": "jobs_days: 3", "do": "apply"}).status_code == 403


@pytest.fixture
def yaml(tmp_path: Path) -> Path:
    path = tmp_path / "periods.yaml"
    path.write_text("events:\n- types: 'view*'\n  months: 1\n")
    return path


def test_retention_from_the_command_line(seen: Figures, yaml: Path) -> None:
    def said(*arguments: str) -> str:
        result = CliRunner().invoke(retention_command, arguments, standalone_mode=False)
        assert result.exception is None
        return result.output

    lake().compact(force=True)
    dry = said("run", "--dry-run", "--by", str(yaml))
    assert "2011-10  viewed: 2" in dry
    assert "Would go: 2 events" in dry
    assert said("apply", str(yaml)) == "version 1 is in force\n"
    assert "types: view*" in said("export")
    assert "Gone: 2 events" in said("run")
    assert json.loads(said("run", "--json"))["events"] == 0
    assert keeping(OPERATOR).lake.events == 0
