"""A backup: whole or not there, private, of one instant, and nothing that was damaged is restored."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from pyarrow.fs import PyFileSystem

sys.path.insert(0, str(Path(__file__).parents[1] / "events"))

import test_kills
from lake_rows import batch, event, stage

from towpath.events.lake import Lake, storage
from towpath.events.lake.log import Turn
from towpath.events.lake.pinning import pin
from towpath.events.lake.storage import Store
from towpath.events.models import FileImport
from towpath.events.store import inbox, lake
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import Home
from towpath.site.cli import run
from towpath.site.keeping import backup as backing
from towpath.site.keeping import restore as restoring
from towpath.site.keeping.backup import back_up
from towpath.site.keeping.draft import Draft
from towpath.site.keeping.manifest import CHECKSUM, MANIFEST, KeptFile, NotKept, verified, write_manifest
from towpath.site.keeping.settling import settle

HERE = Path(__file__).parent
own_home = test_kills.own_home


def fill(home: Home, *, flushes: int = 3) -> None:
    """Events in the body and in the tail, one that waits, and secrets."""
    lake().absorb(stage(home.root, "first", [event(number) for number in range(30)]))
    with lake().writing() as tail:
        for number in range(flushes):
            row = event(100 + number)
            tail.append(Turn("w", tail.turns("w") + 1), pa.Table.from_batches([batch([row])]))
    inbox().accept(batch([event(1000), event(1001)]))
    home.secret("django-secret-key")


@pytest.fixture
def filled(tmp_home: Home) -> Home:
    fill(tmp_home)
    return tmp_home


def test_it_holds_what_was_there_and_says_how_much(filled: Home, tmp_path: Path) -> None:
    made = back_up(tmp_path / "kept")
    assert (made.lake_events, made.inbox_events, made.inbox_batches) == (33, 2, 1)
    assert verified(tmp_path / "kept") == made
    snapshot = lake().snapshot()
    assert {file.path for file in made.below("lake/events") if file.path.endswith("parquet")} == {
        f"lake/events/{file.path}" for file in snapshot.files
    }
    assert {file.path for file in made.below("secrets")} >= {"secrets/django-secret-key"}
    assert made.below("lake/index")
    told = AuditEntry.objects.get(verb="backup.made")
    assert told.after["lake_events"] == 33


def test_nobody_else_can_read_it(filled: Home, tmp_path: Path) -> None:
    back_up(tmp_path / "kept")
    secrets = (tmp_path / "kept" / "secrets").iterdir()
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700


def test_the_checksum_is_one_that_sha256sum_checks(filled: Home, tmp_path: Path) -> None:
    back_up(tmp_path / "kept")
    done = subprocess.run(
        ["/usr/bin/sha256sum", "--check", "manifest.sha256"], cwd=tmp_path / "kept", check=False
    )
    assert done.returncode == 0


def test_it_writes_over_nothing(filled: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "letter").write_text("dear")
    assert run(["backup", str(tmp_path / "kept")]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["letter"]
    assert run(["backup", str(tmp_path / "other"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lake_events"] == 33
    (tmp_path / "empty").mkdir()
    assert run(["backup", str(tmp_path / "empty")]) == 0
    assert "33 events in the lake" in capsys.readouterr().out


def test_one_that_fails_leaves_nothing(
    filled: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Draft, "link", full)
    assert run(["backup", str(tmp_path / "kept")]) == 2
    assert "Free some space" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_files_that_vanish_while_they_are_copied_are_a_reason_to_take_another_instant(
    filled: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = Draft.link
    before = lake().snapshot()

    def slow(draft: Draft, name: str, source: Path) -> None:
        if lake().snapshot().version == before.version:
            # As when somebody is forgotten: everything is made anew and the old files go at once.
            lake().compact(force=True)
            lake().vacuum(timedelta(0))
        linked(draft, name, source)

    monkeypatch.setattr(Draft, "link", slow)
    made = back_up(tmp_path / "kept")
    assert made.lake_version > before.version
    assert verified(tmp_path / "kept").lake_events == 33


def test_a_lake_of_which_files_always_vanish_is_no_backup(
    filled: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_draft: Draft, name: str, _source: Path) -> None:
        raise FileNotFoundError(2, "No such file", name)

    monkeypatch.setattr(Draft, "link", gone)
    with pytest.raises(NotKept, match="vanished"):
        back_up(tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_events_that_come_while_it_copies_are_not_in_it_by_half(
    filled: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = backing._instant

    def then_more(opened: object) -> backing.Instant:
        instant = seen(opened)  # type: ignore[arg-type]
        inbox().accept(batch([event(2000)]))
        with lake().writing() as tail:
            row = pa.Table.from_batches([batch([event(2001)])])
            tail.append(Turn("w", tail.turns("w") + 1), row)
        return instant

    monkeypatch.setattr(backing, "_instant", then_more)
    made = back_up(tmp_path / "kept")
    assert (made.lake_events, made.inbox_events) == (33, 2)
    with sqlite3.connect(tmp_path / "kept" / "inbox.sqlite3") as copy:
        assert copy.execute("select events from fill").fetchone() == (2,)
    assert (lake().snapshot().rows, inbox().fill().events) == (34, 3)


def test_the_part_of_the_log_that_it_holds_is_enough_and_no_more(filled: Home, tmp_path: Path) -> None:
    lake()._log.open().create_checkpoint()
    with lake().writing() as tail:
        tail.append(Turn("w", tail.turns("w") + 1), pa.Table.from_batches([batch([event(3000)])]))
    made = back_up(tmp_path / "kept")
    told = [file.path.rsplit("/", 1)[1] for file in made.below("lake/events/_delta_log")]
    assert len(told) == 3
    assert not any(name.startswith(f"{0:020}.") for name in told)


def test_uploaded_files_that_are_not_in_the_lake_yet_are_in_it(filled: Home, tmp_path: Path) -> None:
    for name, state in (("waits.csv", FileImport.State.WAITING), ("done.csv", FileImport.State.DONE)):
        (filled.uploads / name).write_text("id\n1\n")
        FileImport.objects.create(name=name, path=str(filled.uploads / name), uploaded=True, state=state)
    made = back_up(tmp_path / "kept")
    assert [file.path for file in made.below("uploads")] == ["uploads/waits.csv"]


def test_a_byte_that_changed_is_found_and_its_file_named(
    filled: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = back_up(tmp_path / "kept")
    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path / "elsewhere"))
    chance = random.Random(7)
    for name in [*(file.path for file in made.files), MANIFEST]:
        path = tmp_path / "kept" / name
        content = bytearray(path.read_bytes())
        place = chance.randrange(len(content))
        content[place] ^= 1 << chance.randrange(8)
        path.chmod(0o600)
        whole = path.read_bytes()
        # As another file: the lake's own must not be touched through the link.
        path.unlink()
        path.write_bytes(content)
        assert run(["restore", str(tmp_path / "kept")]) == 2
        assert name in capsys.readouterr().err
        path.write_bytes(whole)
    path.unlink()
    assert run(["restore", str(tmp_path / "kept")]) == 2
    assert not (tmp_path / "elsewhere").exists()


def test_a_manifest_that_leads_out_of_the_backup_is_refused(filled: Home, tmp_path: Path) -> None:
    made = back_up(tmp_path / "kept")
    outside = KeptFile("../outside", 1, "0")
    write_manifest(tmp_path / "kept", msgspec.structs.replace(made, files=(outside, *made.files)))
    with pytest.raises(NotKept, match="outside"):
        verified(tmp_path / "kept")


def test_a_backup_of_a_newer_towpath_is_refused(filled: Home, tmp_path: Path) -> None:
    made = back_up(tmp_path / "kept")
    write_manifest(tmp_path / "kept", msgspec.structs.replace(made, format=made.format + 1))
    with pytest.raises(NotKept, match="newer Towpath"):
        verified(tmp_path / "kept")


def test_a_lake_in_an_object_store_is_copied_and_put_into_another_one(
    filled: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = f"{tmp_path.as_uri()}/store"
    (tmp_path / "store" / "events").mkdir(parents=True)
    with monkeypatch.context() as patched:
        patched.setattr(Store, "local", property(lambda store: None))
        patched.setattr(
            Store, "filesystem", property(lambda store: PyFileSystem(storage._ObjectStore(store.uri, None)))
        )
        with ExitStack() as opened, lake().still() as body:
            pinned = pin(body, opened)
        growing = Draft(tmp_path / "kept")
        backing._copy_lake(growing, pinned)
        restoring._put(growing.root, growing.files.values(), Store.at(elsewhere).below("events"))
    there = Lake(elsewhere).snapshot()
    assert (there.rows, there.version) == (33, lake().snapshot().version)
    with pytest.raises(NotKept, match="There is a lake at"):
        restoring._check_lake(elsewhere)


def test_a_lake_that_the_environment_names_is_brought_there(
    filled: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, elsewhere = back_up(tmp_path / "kept"), f"{tmp_path.as_uri()}/store"
    restoring._check_lake(elsewhere)
    restored = Home(tmp_path / "elsewhere")
    restoring._bring(tmp_path / "kept", made, restored, elsewhere)
    assert Lake(elsewhere).snapshot().rows == 33
    assert not (restored.root / "lake").exists()
    monkeypatch.setenv("TOWPATH_HOME", str(restored.root))
    monkeypatch.setenv("TOWPATH_LAKE_URL", elsewhere)
    settle(made, None)
    with lake().still() as body:
        body.index.reload()
        assert (body.index.version, body.index.rows) == (made.lake_version, 33)
    again = lake().absorb(stage(tmp_path, "again", [event(number) for number in range(30)]))
    assert again.written == 0


def test_an_index_that_is_behind_is_no_trouble(filled: Home, tmp_path: Path) -> None:
    with ExitStack() as opened, lake().still() as body:
        for path in body.index.paths():
            path.unlink()
        assert pin(body, opened).index == {}
    made = back_up(tmp_path / "kept")
    assert made.below("lake/index") == []


def kill_backup(home: Home, target: Path, seconds: float) -> bool:
    """Kill a backup after so long; whether it had become whole, every byte of it. A half one is refused."""
    command = [sys.executable, str(HERE / "backer.py"), str(home.root), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as backer:
        assert backer.stdout is not None
        assert backer.stdout.readline() == "begun\n"
        with suppress(subprocess.TimeoutExpired):
            backer.wait(seconds)
        backer.send_signal(signal.SIGKILL)
    draft = target.with_name(f".{target.name}.draft")
    left = target if target.exists() else draft
    if not (left / MANIFEST).exists() or not (left / CHECKSUM).exists():
        assert left == draft
        with pytest.raises(NotKept, match="no backup, or one that was not finished"):
            verified(draft)
        return False
    # Only its name may lack.
    assert verified(left).lake_events == 90
    shutil.rmtree(left)
    return True


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kills", [pytest.param(2, id="short"), pytest.param(100, id="long", marks=pytest.mark.soak)]
)
def test_a_backup_that_was_killed_leaves_nothing_that_can_be_restored_and_the_next_one_is_whole(
    own_home: Home,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kills: int,
    record_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setenv("TOWPATH_HOME", str(own_home.root))
    fill(own_home, flushes=60)
    folder, chance = tmp_path / "disk", random.Random(kills)
    whole = sum(kill_backup(own_home, folder / "kept", chance.uniform(0.0, 0.6)) for _ in range(kills))
    record_property("counted", f"{kills} backups killed, {whole} of them whole already, no half one accepted")
    made = back_up(folder / "kept")
    assert made.lake_events == 90
    assert verified(folder / "kept") == made
    assert [path.name for path in folder.iterdir()] == ["kept"]
