"""Killed at any moment, on a full disk, with two writers: nothing is lost, doubled, or half there."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from lake_rows import event, everything, import_rows, in_order, new_lake, stage

from towpath.events.lake import (
    Lake,
    LakeBusy,
    LakeError,
    LakeFull,
    LakeMissing,
    LakeTooNew,
    Staging,
    absorbing,
    log,
    merging,
    storage,
    writing,
)
from towpath.events.lake.index import IdentityIndex
from towpath.events.lake.lock import writer_lock

OLD = [event(number * 11) for number in range(100)]
NEW = [event(number * 11 + 3) for number in range(80)]


class KillError(BaseException):
    """Stands for SIGKILL: nothing catches it, nothing cleans up."""


def body_files(lake_folder: Path) -> set[str]:
    body = lake_folder / "lake" / "events"
    return {str(file.relative_to(body)) for file in body.rglob("*.parquet") if "_delta_log" not in file.parts}


POINTS: list[tuple[Any, str]] = [
    (absorbing, "clear_intents"),
    (absorbing, "leave_out_known"),
    (IdentityIndex, "add"),
    (storage.Store, "write_json"),
    (writing.EventWriter, "append"),
    (writing.EventWriter, "finish"),
    (storage.Store, "sync"),
    (log.EventLog, "commit"),
    (log.EventLog, "_commit"),
    (log.EventLog, "_sync_log"),
    (storage.Store, "remove"),
    (Staging, "discard"),
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("owner", "name"), POINTS, ids=[name for _owner, name in POINTS])
def test_an_absorb_killed_at_any_point_is_whole_after_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, when: str
) -> None:
    lake = new_lake(tmp_path, bucket_rows=20)
    import_rows(lake, tmp_path, "old", OLD)
    staging = stage(tmp_path, "new", NEW)
    with monkeypatch.context() as killing:
        killing.setattr(owner, name, _killed(getattr(owner, name), when))
        with pytest.raises(KillError):
            lake.absorb(staging)
    now = everything(lake.snapshot())
    assert now in (in_order(OLD), in_order(OLD + NEW))
    again = lake.absorb(_resumed(tmp_path))
    assert (again.written, again.already_there) == (len(NEW), 0)
    assert again.months == tuple(sorted({f"{row['time']:%Y-%m}" for row in NEW}))
    assert everything(lake.snapshot()) == in_order(OLD + NEW)
    lake.vacuum(timedelta(0))
    assert body_files(tmp_path) == {file.path for file in lake.snapshot().files}
    assert not list((tmp_path / "lake" / "events" / "_intents").rglob("*.json"))


def _killed(function: Callable[..., Any], when: str) -> Callable[..., Any]:
    def killed(*given: Any, **named: Any) -> Any:
        if when == "after":
            function(*given, **named)
        raise KillError

    return killed


def _resumed(folder: Path) -> Staging:
    """As an importer does: read on from the last checkpoint, or from the start."""
    staging = Staging(folder / "staging", "new")
    return staging if staging.resume() else stage(folder, "new", NEW)


ABSORB = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from towpath.events.lake import Lake, Staging
print("ready", flush=True)
Lake(Path({folder!r}) / "lake", bucket_rows=20).absorb(Staging(Path({folder!r}) / "staging", "new"))
"""


@pytest.mark.parametrize("delay_ms", [60, 250])
def test_a_process_killed_while_it_absorbs_neither_loses_nor_doubles(tmp_path: Path, delay_ms: int) -> None:
    lake = new_lake(tmp_path, bucket_rows=20)
    import_rows(lake, tmp_path, "old", OLD)
    stage(tmp_path, "new", NEW)
    script = ABSORB.format(tests=str(Path(__file__).parent), folder=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(delay_ms / 1000)
        writer.send_signal(signal.SIGKILL)
    assert everything(lake.snapshot()) in (in_order(OLD), in_order(OLD + NEW))
    assert lake.absorb(_resumed(tmp_path)).written == len(NEW)
    assert everything(lake.snapshot()) == in_order(OLD + NEW)


def _full(*_given: Any, **_named: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (storage.Store, "write_json"),
        (writing.EventWriter, "finish"),
        (storage.Store, "sync"),
        (log.EventLog, "_commit"),
    ],
    ids=["intent", "file", "sync", "commit"],
)
def test_a_full_disk_leaves_the_lake_as_it_was_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    lake = new_lake(tmp_path, bucket_rows=20)
    import_rows(lake, tmp_path, "old", OLD)
    before, files = lake.snapshot(), body_files(tmp_path)
    staging = stage(tmp_path, "new", NEW)
    with monkeypatch.context() as filled:
        filled.setattr(owner, name, _full)
        with pytest.raises(LakeFull, match=r"is full .* Free some space .* start the same import again"):
            lake.absorb(staging)
    assert lake.snapshot() == before
    assert body_files(tmp_path) == files
    assert lake.absorb(_resumed(tmp_path)).written == len(NEW)
    assert everything(lake.snapshot()) == in_order(OLD + NEW)


def test_a_disk_that_fills_up_after_the_commit_does_not_undo_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = new_lake(tmp_path)
    commit = log.EventLog._commit

    def then_full(*given: Any) -> None:
        commit(*given)
        _full()

    monkeypatch.setattr(log.EventLog, "_commit", then_full)
    assert import_rows(lake, tmp_path, "one", OLD).written == len(OLD)
    assert everything(lake.snapshot()) == in_order(OLD)


def _limited(folder: str, bytes_a_file: int, answers: Any) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_a_file, bytes_a_file))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    wide = [event(number, data=json.dumps({"noise": os.urandom(600).hex()})) for number in range(200)]
    try:
        import_rows(Lake(Path(folder) / "lake"), Path(folder), "wide", wide)
    except LakeError as error:
        answers.put((type(error).__name__, str(error)))
    else:
        answers.put(("absorbed", ""))


def test_the_systems_own_refusal_to_write_is_told_as_a_full_disk(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    import_rows(lake, tmp_path, "old", OLD)
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    child = context.Process(target=_limited, args=(str(tmp_path), 60_000, answers))
    child.start()
    kind, text = answers.get(timeout=60)
    child.join()
    assert kind == "LakeFull"
    assert "start the same import again" in text
    assert everything(lake.snapshot()) == in_order(OLD)


def test_a_merge_that_loses_events_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = new_lake(tmp_path)
    import_rows(lake, tmp_path, "old", OLD)
    before, files = lake.snapshot(), body_files(tmp_path)
    whole = merging.Merger.sorted_rows
    monkeypatch.setattr(merging.Merger, "sorted_rows", lambda self, month, old: whole(self, month, ()))
    with pytest.raises(LakeError, match="nothing was changed"):
        lake.absorb(stage(tmp_path, "new", NEW))
    assert (lake.snapshot(), body_files(tmp_path)) == (before, files)


def test_a_second_writer_is_told_who_writes(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    with (
        writer_lock(tmp_path / "lake" / "writer.lock", 0),
        pytest.raises(LakeBusy, match=rf"being written by process {os.getpid()} .* Try again"),
    ):
        lake.absorb(stage(tmp_path, "one", OLD), timeout_s=0.1)
    assert lake.snapshot().rows == 0
    assert lake.absorb(Staging(tmp_path / "staging", "one")).written == len(OLD)


def test_a_second_writer_waits_for_its_turn(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    released = threading.Event()

    def hold() -> None:
        with writer_lock(tmp_path / "lake" / "writer.lock", 0):
            held.set()
            released.wait(10)

    held = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    threading.Timer(0.2, released.set).start()
    assert import_rows(lake, tmp_path, "one", OLD).written == len(OLD)
    holder.join()


def test_creating_a_lake_twice_changes_nothing(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    import_rows(lake, tmp_path, "one", OLD)
    before = lake.snapshot()
    lake.create()
    assert lake.snapshot() == before


def test_a_missing_lake_says_so(tmp_path: Path) -> None:
    with pytest.raises(LakeMissing, match=r"There is no lake at .*nowhere"):
        Lake(tmp_path / "nowhere").snapshot()


def test_a_lake_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    staging = stage(tmp_path, "one", OLD)
    DeltaTable(tmp_path / "lake" / "events").alter.set_table_properties(
        {"towpath.lakeFormat": "9"}, raise_if_not_exists=False
    )
    for use in (lake.snapshot, lambda: lake.absorb(staging), lambda: lake.vacuum(timedelta(0))):
        with pytest.raises(LakeTooNew, match=r"has format 9; .* up to 2. Upgrade Towpath"):
            use()
    assert staging.safe_rows == len(OLD)
