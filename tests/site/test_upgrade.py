"""A lake of format 1: it is refused in words, never passed over, and upgraded without losing an event."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from deltalake import DeltaTable
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

sys.path.insert(0, str(Path(__file__).parents[1] / "events"))

from lake_rows import event, new_lake, stage

from towpath.events.lake import Lake, LakeTooNew, LakeTooOld, upgrading
from towpath.events.lake.upgrading import CannotUpgrade
from towpath.foundation.operations.home import Home
from towpath.site.cli import run
from towpath.site.keeping.upgrade import outstanding

ROWS = [event(number) for number in range(40)]


def format_1(home: Home) -> list[str]:
    """A lake as it was left by the Towpath before: the table `body` alone, no index; returns its ids."""
    lake = new_lake(home.root)
    lake.absorb(stage(home.root, "first", ROWS))
    home.lake.joinpath("events").rename(home.lake / "body")
    shutil.rmtree(home.lake / "index")
    table = DeltaTable(home.lake / "body")
    table.alter.set_table_properties({"towpath.lakeFormat": "1"}, raise_if_not_exists=False)
    return sorted(row["id"] for row in ROWS)


def ids(lake: Lake) -> list[str]:
    return sorted(lake.snapshot().query("select id from events")["id"].to_pylist())


def towpath(home: Home, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TOWPATH_HOME": str(home.root)}
    environment.pop("TOWPATH_DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "towpath", *command],
        env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture
def old_home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    format_1(home)
    return home


@pytest.mark.parametrize("command", ["serve --port 18973", "worker"])
def test_web_server_and_worker_refuse_it_and_name_the_command(old_home: Home, command: str) -> None:
    refused = towpath(old_home, *command.split())
    assert refused.returncode == 2
    assert "`towpath upgrade`" in refused.stderr
    assert not (old_home.lake / "events").exists()


@pytest.mark.django_db
def test_other_commands_refuse_it_too(tmp_home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    format_1(tmp_home)
    assert run(["events", "count"]) == 2
    assert "`towpath upgrade`" in capsys.readouterr().err
    assert not (tmp_home.lake / "events").exists()


def test_the_command_says_what_it_would_do_does_it_and_has_nothing_left_to_do(old_home: Home) -> None:
    looked = towpath(old_home, "upgrade", "--check")
    assert (looked.returncode, looked.stderr) == (1, "")
    assert "becomes" in looked.stdout
    assert "records' tables change: events.0001_initial" in looked.stdout
    assert not (old_home.lake / "events").exists()
    done = towpath(old_home, "upgrade")
    assert done.returncode == 0, done.stderr
    assert ids(Lake(old_home.lake)) == sorted(row["id"] for row in ROWS)
    again = towpath(old_home, "upgrade", "--check")
    assert (again.returncode, again.stdout) == (0, "Nothing to do: records and lake are of this version.\n")


def test_what_it_held_is_known_afterwards(old_home: Home) -> None:
    lake = Lake(old_home.lake)
    lake.upgrade()
    absorbed = lake.absorb(stage(old_home.root, "second", [*ROWS, event(99)]))
    assert (absorbed.written, absorbed.already_there) == (1, len(ROWS))


def test_an_older_towpath_meets_a_lake_that_is_too_new_for_it(old_home: Home) -> None:
    Lake(old_home.lake).upgrade()
    # What such a one looks at first: the table `body`, and its format.
    table = DeltaTable(old_home.lake / "body")
    assert table.metadata().configuration["towpath.lakeFormat"] == "2"
    assert table.file_uris() == []


@pytest.mark.parametrize("step", ["_move", "_keep_older_out", "_table", "catch_up"])
def test_broken_off_at_any_step_it_is_refused_until_the_same_again_finishes_it(
    old_home: Home, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    lake = Lake(old_home.lake)

    def broken_off(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if step == "_table":
            # Looked at several times before: broken off when the format would be raised.
            patched.setattr(DeltaTable, "alter", property(broken_off))
        else:
            patched.setattr(upgrading, step, broken_off)
        with pytest.raises(KeyboardInterrupt):
            lake.upgrade()
    if step != "catch_up":
        with pytest.raises(LakeTooOld):
            Lake(old_home.lake).check_known()
    Lake(old_home.lake).upgrade()
    assert ids(lake) == sorted(row["id"] for row in ROWS)
    again = lake.absorb(stage(old_home.root, "second", ROWS))
    assert again.written == 0


def test_an_empty_table_that_was_made_beside_it_gives_way(old_home: Home) -> None:
    beside = Lake(old_home.lake)
    beside._log.create()
    beside.upgrade()
    assert ids(beside) == sorted(row["id"] for row in ROWS)


def test_events_on_both_sides_are_left_to_a_person(old_home: Home) -> None:
    beside = Lake(old_home.lake)
    beside._log.create()
    beside.absorb(stage(old_home.root, "beside", [event(100)]))
    with pytest.raises(CannotUpgrade, match="Events lie both in"):
        beside.upgrade()
    assert ids(beside) == ["e100"]


@pytest.mark.django_db
def test_a_newer_lake_is_refused_by_the_upgrade_too(tmp_home: Home) -> None:
    new_lake(tmp_home.root)
    table = DeltaTable(tmp_home.lake / "events")
    table.alter.set_table_properties({"towpath.lakeFormat": "9"}, raise_if_not_exists=False)
    with pytest.raises(LakeTooNew):
        outstanding()
    assert run(["upgrade"]) == 2


@pytest.mark.django_db
def test_changes_of_tables_to_come_are_named(tmp_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    executor = MigrationExecutor(connection)
    migration = executor.loader.get_migration("events", "0001_initial")
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [(migration, False)])
    assert outstanding() == ["the records' tables change: events.0001_initial"]
