"""SIGKILL at random moments: what was acknowledged is there, once; nothing is lost and nothing doubled.

`make test` runs a few kills, `make soak` at least 200 of each kind; both print what they counted.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mill import BATCH_EVENTS, named

from towpath.events.flushing import flush
from towpath.events.inbox import Inbox
from towpath.events.lake import Lake
from towpath.foundation.operations.home import Home

HERE = Path(__file__).parent


def kill_mills(home: Home, kills: int, chance: random.Random) -> set[str]:
    """Ids of all batches that mills, each killed in mid-work, said to have been accepted."""
    accepted: set[str] = set()
    for kill in range(kills):
        command = [sys.executable, str(HERE / "mill.py"), str(home.root), f"s{kill}", "60"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as mill:
            assert mill.stdout is not None
            first = mill.stdout.readline()
            threading.Timer(chance.uniform(0.0, 1.0), lambda it=mill: it.send_signal(signal.SIGKILL)).start()
            said = [first, *mill.stdout]
        assert first, "the mill ended before it had begun"
        for line in said:
            # A line cut in two by the kill names nothing.
            if line.endswith("\n"):
                sender, number = line.split()
                accepted.update(named(sender, int(number)))
    return accepted


def all_ids(lake: Lake) -> list[str]:
    return [str(each) for each in lake.snapshot().query("select id from events")["id"].to_pylist()]


def check_nothing_lost(home: Home, accepted: set[str], kills: int) -> None:
    lake, inbox = Lake(home.lake), Inbox(home.inbox)
    lake.create()
    while inbox.fill().events:
        flush(inbox, lake)
    lake.compact(force=True)
    found = all_ids(lake)
    lost, doubled = accepted - set(found), len(found) - len(set(found))
    print(f"{kills} kills: {len(accepted)} events acknowledged, {len(lost)} lost, {doubled} doubled")  # noqa: T201
    assert (lost, doubled) == (set(), 0)
    # Beyond what was said there may be batches whose sender was killed before it could say so.
    assert len(set(found) - accepted) <= kills * BATCH_EVENTS


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kills", [pytest.param(4, id="short"), pytest.param(200, id="long", marks=pytest.mark.soak)]
)
def test_a_process_killed_while_it_accepts_flushes_compacts_and_clears_loses_and_doubles_nothing(
    own_home: Home, kills: int
) -> None:
    check_nothing_lost(own_home, kill_mills(own_home, kills, random.Random(kills)), kills)


@dataclass
class Node:
    """A web server and a worker of one home, as an operator runs them."""

    home: Home
    port: int
    key: str
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, part: str) -> None:
        command = ["serve", "--port", str(self.port)] if part == "web" else ["worker"]
        environment = {**os.environ, "TOWPATH_HOME": str(self.home.root), "TOWPATH_TAIL_FILES": "4"}
        with (self.home.root / f"{part}.log").open("ab") as log:
            self.running[part] = subprocess.Popen(
                [sys.executable, "-m", "towpath", *command], env=environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def get(self, address: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", address, headers={"Authorization": f"Bearer {self.key}"})
            return connection.getresponse().status

    def kill(self, part: str) -> None:
        """The whole part at once, as a power cut would: granian has a process for its requests."""
        os.killpg(self.running[part].pid, signal.SIGKILL)
        self.running[part].wait()

    def stop(self) -> None:
        for part in self.running:
            self.kill(part)


@dataclass
class Sender:
    """Sends batches again and again until each is acknowledged, and sends some of those again."""

    node: Node
    name: str
    stopping: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    failures: int = 0

    def run(self) -> None:
        number, chance = 0, random.Random(self.name)
        while not self.stopping.is_set():
            ids = named(self.name, number)
            if self._post(ids):
                self.acknowledged += ids
                number += 1
                if chance.random() < 0.3:
                    self._post(named(self.name, chance.randrange(number)))
            else:
                self.failures += 1
                time.sleep(0.05)

    def _post(self, ids: list[str]) -> bool:
        events = [
            {
                "specversion": "1.0",
                "id": each,
                "source": "shop",
                "type": "t",
                "subject": f"account:{each[-1]}",
            }
            for each in ids
        ]
        connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=10)
        headers = {
            "Authorization": f"Bearer {self.node.key}",
            "Content-Type": "application/cloudevents-batch+json",
        }
        try:
            connection.request("POST", "/api/events", json.dumps(events), headers)
            return connection.getresponse().status == 202
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kills", [pytest.param(3, id="short"), pytest.param(200, id="long", marks=pytest.mark.soak)]
)
def test_web_and_worker_killed_under_load_lose_and_double_nothing(own_node: Node, kills: int) -> None:
    chance, stopping = random.Random(kills), threading.Event()
    senders = [Sender(own_node, f"sender{number}", stopping) for number in range(3)]
    threads = [threading.Thread(target=sender.run) for sender in senders]
    for part in ("web", "worker"):
        own_node.start(part)
    for thread in threads:
        thread.start()
    wait_for(lambda: all(sender.acknowledged for sender in senders))
    assert own_node.get("/api/events/count") == 200, "a server that was just started must read the lake"
    for _ in range(kills):
        time.sleep(chance.uniform(0.0, 2.0))
        parts = chance.choice([["web"], ["worker"], ["web", "worker"]])
        for part in parts:
            own_node.kill(part)
        for part in parts:
            own_node.start(part)
        seen = [len(sender.acknowledged) for sender in senders]
        wait_for(lambda seen=seen: all(len(s.acknowledged) > n for s, n in zip(senders, seen, strict=True)))
    stopping.set()
    for thread in threads:
        thread.join()
    own_node.stop()
    print(f"{sum(sender.failures for sender in senders)} sends failed and were repeated")  # noqa: T201
    accepted = {each for sender in senders for each in sender.acknowledged}
    check_nothing_lost(own_node.home, accepted, kills + len(senders))


def wait_for(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)


def _towpath(home: Home, *command: str) -> str:
    environment = {**os.environ, "TOWPATH_HOME": str(home.root)}
    done = subprocess.run(
        [sys.executable, "-m", "towpath", *command],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose records are its own too: real processes use it."""
    monkeypatch.delenv("TOWPATH_DATABASE_URL", raising=False)
    home = Home(tmp_path / "home")
    home.prepare()
    _towpath(home, "events", "count")
    return home


@pytest.fixture
def own_node(own_home: Home) -> Iterator[Node]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    key = _towpath(
        own_home, "keys", "create", "sender", "--scope", "events:write", "--scope", "events:read"
    ).splitlines()[-1]
    node = Node(own_home, port, key)
    yield node
    for process in node.running.values():
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
