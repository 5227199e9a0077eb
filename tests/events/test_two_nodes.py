"""Two nodes of one Towpath: each with home, inbox, web server and worker; one lake, records in PostgreSQL.

Senders send every event to both; parts are killed. `make soak` runs the long form.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from mill import named
from test_kills import Node, Sender, wait_for

from towpath.events.inbox import Inbox
from towpath.events.lake import Lake
from towpath.foundation.operations.home import Home

SERVER = os.environ.get("TOWPATH_DATABASE_URL") or os.environ.get("TOWPATH_TEST_DATABASE_URL", "")
pytestmark = pytest.mark.skipif(
    not SERVER, reason="TOWPATH_TEST_DATABASE_URL names no PostgreSQL, where nodes keep their records"
)


@dataclass
class Pair:
    """Both nodes, what they share, and who sends to them."""

    nodes: list[Node]
    lake: Lake
    records: str
    stopping: threading.Event = field(default_factory=threading.Event)
    acknowledged: list[str] = field(default_factory=list)

    def send(self, name: str) -> None:
        """The same batches to both, each again and again until it is acknowledged."""
        to = [Sender(node, name, self.stopping) for node in self.nodes]
        number = 0
        while not self.stopping.is_set():
            ids = named(name, number)
            for each in to:
                while not each._post(ids) and not self.stopping.is_set():
                    time.sleep(0.05)
                # A batch that was cut short by the end may be there or not, at one or both.
                if not self.stopping.is_set():
                    self.acknowledged += ids
            number += 1

    def holds(self, node: Node) -> bool:
        """Whether this node's worker writes the lake right now."""
        with psycopg.connect(self.records) as connection:
            found = connection.execute("select holder from events_lakelease where token <> ''").fetchall()
        return any(f"process {node.running['worker'].pid} " in holder for (holder,) in found)

    def ids(self) -> list[str]:
        return [str(each) for each in self.lake.snapshot().query("select id from events")["id"].to_pylist()]

    def drained(self) -> bool:
        return not any(Inbox(node.home.inbox).fill().events for node in self.nodes)


@pytest.mark.parametrize(
    "kills", [pytest.param(1, id="short"), pytest.param(60, id="long", marks=pytest.mark.soak)]
)
def test_two_nodes_write_one_lake_and_where_one_is_killed_the_other_takes_over(
    pair: Pair, kills: int, record_property: Callable[[str, object], None]
) -> None:
    threads = [threading.Thread(target=pair.send, args=(f"sender{number}",)) for number in range(2)]
    for node in pair.nodes:
        node.start("web")
        node.start("worker")
    for thread in threads:
        thread.start()
    wait_for(lambda: all(Inbox(node.home.inbox).fill().events for node in pair.nodes))
    for kill in range(kills):
        killed, left = pair.nodes[kill % 2], pair.nodes[1 - kill % 2]
        take_over(pair, killed, left, random.Random(kill))
    pair.stopping.set()
    for thread in threads:
        thread.join()
    wait_for(pair.drained)
    found = pair.ids()
    lost, doubled = set(pair.acknowledged) - set(found), len(found) - len(set(found))
    counted = f"{len(pair.acknowledged)} events acknowledged, {len(lost)} lost, {doubled} doubled"
    record_property("counted", f"{kills} workers killed, {counted}")
    assert (lost, doubled) == (set(), 0)
    # Beside those there may be the batch of each sender that the end cut short.
    assert len(set(found) - set(pair.acknowledged)) <= len(threads) * len(named("any", 0))


def take_over(pair: Pair, killed: Node, left: Node, chance: random.Random) -> None:
    """Kill one worker that was just seen with the lease; the other goes on; then it comes back."""
    wait_for(lambda: pair.holds(killed))
    if chance.random() < 0.5:
        killed.kill("web")
        killed.start("web")
    killed.kill("worker")
    since, before = len(pair.acknowledged), set(pair.ids())
    waits = Inbox(left.home.inbox)
    wait_for(lambda: len(pair.acknowledged) > since and set(pair.ids()) - before)
    assert waits.fill().age_s < 30, "the other node's inbox is emptied meanwhile"
    killed.start("worker")


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    name = f"pair_{uuid4().hex[:12]}"
    records = urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    monkeypatch.setenv("TOWPATH_DATABASE_URL", records)
    monkeypatch.setenv("TOWPATH_LAKE_URL", (tmp_path / "shared").as_uri())
    homes = [Home(tmp_path / each) for each in ("one", "two")]
    homes[0].prepare()
    made = ["keys", "create", "sender", "--scope", "events:write"]
    key = subprocess.run(
        [sys.executable, "-m", "towpath", *made],
        env={**os.environ, "TOWPATH_HOME": str(homes[0].root)}, stdout=subprocess.PIPE, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    homes[1].prepare()
    shutil.copytree(homes[0].secrets, homes[1].secrets, dirs_exist_ok=True)
    nodes = [Node(home, free_port(), key) for home in homes]
    yield Pair(nodes, Lake((tmp_path / "shared").as_uri()), records)
    for process in [process for node in nodes for process in node.running.values()]:
        if process.poll() is None:
            os.killpg(process.pid, 9)
            process.wait()
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
