"""A backup made under load, restored elsewhere: everything acknowledged before it began is there, once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "events"))

import test_kills
from lake_rows import batch, event
from test_kills import Node, Sender, all_ids, wait_for

from towpath.events.flushing import flush
from towpath.events.inbox import Inbox
from towpath.events.lake import Lake
from towpath.foundation.operations.home import Home
from towpath.site.cli import run
from towpath.site.keeping.backup import back_up

own_home = test_kills.own_home
own_node = test_kills.own_node


def towpath(home: Home, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TOWPATH_HOME": str(home.root), **variables}
    return subprocess.run(
        [sys.executable, "-m", "towpath", *command],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def check_restored(home: Home, before: Inbox, acknowledged: set[str]) -> tuple[int, int]:
    """Everything is there once, after what waited was flushed; returns events in the lake and those that had
    waited."""
    lake, inbox = Lake(home.lake), Inbox(home.inbox)
    assert inbox.writer != before.writer
    waited = inbox.fill().events
    while inbox.fill().events:
        flush(inbox, lake)
    found = Counter(all_ids(lake))
    assert acknowledged - set(found) == set()
    assert [each for each, times in found.items() if times > 1] == []
    return found.total(), waited


def back_up_and_restore(
    node: Node, senders: list[Sender], folder: Path, record: Callable[[str], None]
) -> None:
    """One round, while senders go on."""
    acknowledged = {each for sender in senders for each in list(sender.acknowledged)}
    made = towpath(node.home, "backup", str(folder / "kept"))
    assert made.returncode == 0, made.stderr
    elsewhere = Home(folder / "elsewhere")
    done = towpath(elsewhere, "restore", str(folder / "kept"))
    assert done.returncode == 0, done.stderr
    assert "Whoever was forgotten after" in done.stderr
    total, waited = check_restored(elsewhere, Inbox(node.home.inbox), acknowledged)
    record(f"{len(acknowledged)} acknowledged before, {total} restored ({waited} of them from the inbox)")
    assert total >= len(acknowledged)
    shutil.rmtree(folder)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "rounds", [pytest.param(1, id="short"), pytest.param(15, id="long", marks=pytest.mark.soak)]
)
def test_a_backup_made_under_load_brings_back_everything_that_was_acknowledged_before_once(
    own_node: Node, tmp_path: Path, rounds: int, record_property: Callable[[str, object], None]
) -> None:
    stopping = threading.Event()
    senders = [Sender(own_node, f"sender{number}", stopping) for number in range(2)]
    threads = [threading.Thread(target=sender.run) for sender in senders]
    for part in ("web", "worker"):
        own_node.start(part)
    for thread in threads:
        thread.start()
    try:
        wait_for(lambda: all(sender.acknowledged for sender in senders))
        wait_for(lambda: Lake(own_node.home.lake).snapshot().rows)
        for number in range(rounds):
            if number % 3 == 2:
                # With nobody to flush, what was accepted is in the inbox alone.
                own_node.kill("worker")
            back_up_and_restore(
                own_node, senders, tmp_path / f"{number}", lambda told: record_property("counted", told)
            )
            if number % 3 == 2:
                own_node.start("worker")
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def test_of_a_further_node_only_what_no_other_has_is_brought(tmp_path: Path, own_home: Home) -> None:
    Inbox(own_home.inbox).accept(batch([event(1), event(2)]))
    assert towpath(own_home, "backup", str(tmp_path / "kept")).returncode == 0
    further = Home(tmp_path / "further")
    shared = {"TOWPATH_LAKE_URL": own_home.lake.as_uri()}
    done = towpath(further, "restore", str(tmp_path / "kept"), "--inbox-only", **shared)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("UTC: 2 in the inbox.")
    assert Inbox(further.inbox).fill().events == 2
    assert Inbox(further.inbox).writer != Inbox(own_home.inbox).writer
    assert not (further.lake / "events").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["worker", "events count", "backup kept", "upgrade"])
def test_on_half_a_home_nothing_starts(
    tmp_home: Home, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (tmp_home.root / ".restoring").mkdir()
    assert run(command.split()) == 2
    assert "Empty that folder and give `towpath restore` again" in capsys.readouterr().err


@pytest.mark.django_db
def test_it_writes_over_nothing(
    tmp_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    back_up(tmp_path / "kept")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".restoring").mkdir()
    monkeypatch.setenv("TOWPATH_HOME", str(elsewhere))
    assert run(["restore", str(tmp_path / "kept")]) == 2
    assert "not empty" in capsys.readouterr().err
    assert [path.name for path in elsewhere.iterdir()] == [".restoring"]


def _new_database(server: str) -> str:
    name = f"restore_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


@pytest.fixture
def two_records() -> Iterator[tuple[str, str]]:
    """TOWPATH_DATABASE_URL of two empty records; empty texts where the tests run on SQLite."""
    server = os.environ.get("TOWPATH_DATABASE_URL", "")
    if not server:
        yield "", ""
        return
    urls = _new_database(server), _new_database(server)
    yield urls
    with psycopg.connect(server, autocommit=True) as connection:
        for url in urls:
            connection.execute(f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')


def test_records_come_back_and_only_into_empty_ones_of_their_kind(
    two_records: tuple[str, str], tmp_path: Path
) -> None:
    first, second = ({"TOWPATH_DATABASE_URL": url} for url in two_records)
    home, elsewhere = Home(tmp_path / "home"), Home(tmp_path / "elsewhere")
    made = towpath(home, "keys", "create", "sender", "--scope", "events:write", **first)
    assert made.returncode == 0, made.stderr
    assert towpath(home, "backup", str(tmp_path / "kept"), **first).returncode == 0
    other_kind = {"TOWPATH_DATABASE_URL": "" if two_records[0] else "postgresql://nobody@localhost:1/none"}
    refused = towpath(elsewhere, "restore", str(tmp_path / "kept"), **other_kind)
    assert refused.returncode == 2
    assert "The backup's records are of" in refused.stderr
    assert not elsewhere.root.exists()
    done = towpath(elsewhere, "restore", str(tmp_path / "kept"), **second)
    assert done.returncode == 0, done.stderr
    listed = towpath(elsewhere, "keys", "list", **second)
    assert "sender" in listed.stdout
    assert elsewhere.root.stat().st_mode & 0o777 == 0o700
    assert not (elsewhere.root / ".restoring").exists()
    # A full home, or (on PostgreSQL) a full database.
    another = Home(tmp_path / "third") if two_records[0] else elsewhere
    assert towpath(another, "restore", str(tmp_path / "kept"), **second).returncode == 2
