"""Events outlive the process that sent them: killed at any moment, nothing is lost, nothing counts twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stand_in import StandIn, fail, take
from towpath_client import NotQueued, TowpathClient

from conftest import CLIENT

APPLICATION = """
import sys
from towpath_client import TowpathClient
client = TowpathClient(sys.argv[1], "secret", source="shop", queue=sys.argv[2], batch_size=7, interval=0.01)
while True:
    print(client.track("paid"), flush=True)
"""


def run_until_killed(url: str, queue: Path, seconds: float) -> list[str]:
    """The ids that the application knew to be queued when it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", APPLICATION, url, str(queue)],
        env={**os.environ, "PYTHONPATH": str(CLIENT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as lines:
        first = lines.readline().strip()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        rest = lines.read().split("\n")
    process.wait()
    return [first, *(line for line in rest[:-1])]


def test_killed_in_the_middle_of_sending_it_loses_nothing(server: StandIn, tmp_path: Path) -> None:
    queue, chance = tmp_path / "queue.db", random.Random(7)
    server.delay = 0.01
    ids: list[str] = []
    for _ in range(4):
        ids += run_until_killed(server.url, queue, chance.uniform(0, 0.3))
    with TowpathClient(server.url, "secret", source="shop", queue=queue) as client:
        assert client.flush(30)
    assert len(ids) >= 4
    assert set(ids) <= set(server.taken)
    # One that was queued, but not told so before the kill, may come too: at most one a kill.
    assert len(set(server.taken) - set(ids)) <= 4


def test_what_waits_on_disk_goes_out_at_the_next_start(server: StandIn, tmp_path: Path) -> None:
    queue = tmp_path / "queue.db"
    server.always = fail(503)
    first = TowpathClient(server.url, "secret", source="shop", queue=queue)
    sent = [first.track("paid") for _ in range(3)]
    assert not first.close(timeout=0.2)
    server.always = take
    with TowpathClient(server.url, "secret", source="shop", queue=queue, interval=60) as second:
        assert second.flush(5)
    assert server.taken == dict.fromkeys(sent, 1)


def test_the_queue_is_written_through_and_for_its_owner_only(server: StandIn, tmp_path: Path) -> None:
    queue = tmp_path / "queue.db"
    with TowpathClient(server.url, "secret", source="shop", queue=queue) as client:
        connection = client._queue._connection
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
        assert connection.execute("pragma synchronous").fetchone() == (2,)
        assert queue.stat().st_mode & 0o777 == 0o600


def test_a_queue_that_cannot_be_opened_says_where(server: StandIn, tmp_path: Path) -> None:
    broken = tmp_path / "queue.db"
    broken.write_text("this is no database " * 100)
    for path in (broken, tmp_path / "no" / "folder" / "queue.db"):
        with pytest.raises(NotQueued, match=str(path)):
            TowpathClient(server.url, "secret", source="shop", queue=path)


def test_a_queue_that_cannot_be_written_is_said_to_the_caller(server: StandIn, tmp_path: Path) -> None:
    with TowpathClient(server.url, "secret", source="shop", queue=tmp_path / "queue.db") as client:
        with sqlite3.connect(tmp_path / "queue.db") as other:
            other.execute("drop table events")
        other.close()
        with pytest.raises(NotQueued, match="cannot be written"):
            client.track("paid")
        with sqlite3.connect(tmp_path / "queue.db") as other:
            other.execute("create table events (place integer primary key autoincrement, event text)")
        other.close()


@pytest.mark.parametrize("durable", [True, False])
def test_a_forked_child_sends_its_own_events_once(server: StandIn, tmp_path: Path, durable: bool) -> None:
    script = f"""
import os, sys
from towpath_client import TowpathClient
queue = {str(tmp_path / "queue.db")!r} if {durable} else None
client = TowpathClient({server.url!r}, "secret", source="shop", queue=queue, interval=0.01)
print(client.track("parent"), flush=True)
if os.fork() == 0:
    print(client.track("child"), flush=True)
    assert client.close(10)
    os._exit(0)
assert os.wait()[1] == 0
assert client.close(10)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script],
        env={**os.environ, "PYTHONPATH": str(CLIENT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert set(server.taken) == set(done.stdout.split())
    assert len(server.taken) == 2


def test_an_application_that_simply_ends_has_sent_its_events(server: StandIn) -> None:
    script = f"""
from towpath_client import TowpathClient
TowpathClient({server.url!r}, "secret", source="shop", interval=60).track("paid")
"""
    command = [sys.executable, "-c", script]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(CLIENT)}, check=True, timeout=60)
    assert sum(server.taken.values()) == 1
