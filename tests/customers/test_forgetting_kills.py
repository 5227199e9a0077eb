"""SIGKILL while somebody is forgotten: a worker finishes it, nothing of them is left, nothing of others gone.

`make test` runs a few kills, `make soak` many; both print what they counted.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from oblivion import OTHERS, account, mail, named
from traces import found_in

from towpath.events.inbox import Inbox
from towpath.events.lake import Lake
from towpath.foundation.operations.home import Home

SCRIPT = Path(__file__).parent / "oblivion.py"
ASKS = (
    "import sqlite3, sys; records = sqlite3.connect(sys.argv[1]); "
    "print(*records.execute('select count(*) from customers_openforgetting').fetchone())"
)
UNTIL_S = 90.0


@dataclass
class Town:
    """A home with customers to forget, and what became of those who were sent to do it."""

    home: Home
    lasts_s: dict[bool, float] = field(default_factory=dict)
    """Seconds to the first word, of the latest one that nobody stopped; True: from when it was noted."""
    killed: Counter[str] = field(default_factory=Counter)

    def run(self, *what: str, kill_after: float | None = None, once_noted: bool = False) -> bool:
        """Whether it came to its end. `kill_after`: which part of the time that the latest one took."""
        command = [sys.executable, str(SCRIPT), str(self.home.root), *what]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begins\n"
            if once_noted:
                assert process.stdout.readline() == "noted\n"
            began = time.monotonic()
            if kill_after is not None:
                delay = kill_after * self.lasts_s[once_noted]
                threading.Timer(delay, process.send_signal, [signal.SIGKILL]).start()
            said = process.stdout.readline()
            while said == "noted\n":
                said = process.stdout.readline()
            lasted = time.monotonic() - began
            ended = (said + process.stdout.read()).endswith("ends\n")
        if ended and what[0] == "forget":
            self.lasts_s[once_noted] = lasted
        assert ended or kill_after is not None
        return ended

    def open_ones(self) -> bool:
        """Asked in a process of its own: SQLite's shared memory must not go from under this one by a kill."""
        told = subprocess.run(
            [sys.executable, "-c", ASKS, str(self.home.records)], capture_output=True, text=True, check=True
        )
        return told.stdout.strip() != "0"

    def kill_one(self, number: int, chance: random.Random) -> None:
        """Send one to forget this customer, kill it, perhaps kill who would finish it, and finish it."""
        if self.run("forget", mail(number), kill_after=chance.random(), once_noted=chance.random() < 0.8):
            self.killed["after the end"] += 1
        elif self.open_ones():
            self.killed["in mid-work"] += 1
            while chance.random() < 0.5 and self.open_ones():
                if not self.run("finish", kill_after=chance.random()):
                    self.killed["while it was finished"] += 1
        elif found_in(self.home, [named(number)]):
            self.killed["before it was noted"] += 1
            self.run("forget", mail(number))
        else:
            self.killed["after the end"] += 1


def finish_by_worker(town: Town) -> None:
    """The real one: it comes to it by itself."""
    with town.home.root.with_name("worker.log").open("w") as log:
        command = [sys.executable, "-m", "towpath", "worker"]
        environment = {**os.environ, "TOWPATH_HOME": str(town.home.root)}
        worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        until = time.monotonic() + UNTIL_S
        while town.open_ones() and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@pytest.mark.parametrize(
    "customers", [pytest.param(3, id="short"), pytest.param(80, id="long", marks=pytest.mark.soak)]
)
def test_a_forgetting_killed_at_any_moment_is_finished_and_takes_nothing_of_others(
    town: Callable[[int], Town],
    customers: int,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(customers)
    # Two are forgotten at leisure, to know how long it takes; the last one stays.
    place = town(customers + 3)
    stays = found_in(place.home, [named(customers + 2)])
    place.run("forget", mail(0))
    place.run("forget", mail(customers + 1), once_noted=True)
    worker_comes = True
    for number in range(1, customers + 1):
        place.kill_one(number, chance)
        if place.open_ones() and worker_comes:
            finish_by_worker(place)
            worker_comes = False  # it looks once a minute, and has just looked
        elif place.open_ones():
            place.run("finish")
        assert not place.open_ones()
        assert found_in(place.home, [named(number)]) == {}
    files = sum(each.is_file() for each in place.home.root.rglob("*"))
    told = ", ".join(f"{count} {when}" for when, count in sorted(place.killed.items()))
    record_property(
        "counted",
        f"{place.killed.total()} kills ({told}): nothing left of {customers + 2} customers in {files} files, "
        f"{check_others(place, customers + 2, stays)} events of others all there",
    )


def check_others(town: Town, stays: int, before: dict[str, list[str]]) -> int:
    """Who was not forgotten is wherever they were, with every event; returns how many of others there are."""
    flushed = not Inbox(town.home.inbox).fill().events
    kinds = {place.split("/")[0] for place in found_in(town.home, [named(stays)])}
    assert kinds == {place.split("/")[0] for place in before} - ({"inbox.sqlite3"} if flushed else set())
    lake = Lake(town.home.lake)
    found = lake.snapshot().query("select id, identifier, data from events").to_pylist()
    counted = Counter(row["identifier"] for row in found)
    assert (counted[account(stays)], counted[mail(stays)]) == (2, 1 + flushed)
    # What was said of those who were forgotten is blotted out, and the calls in which it was said are there.
    assert sum("(forgotten)" in (row["data"] or "") for row in found) == stays
    others = [row["id"] for row in found if (row["identifier"] or "").startswith("account:other")]
    assert sorted(others) == sorted(f"other{number}" for number in range(OTHERS))
    return len(others) + counted["account:agent"]


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Town]:
    """A home whose records are its own too, with so many customers planted everywhere."""
    monkeypatch.delenv("TOWPATH_DATABASE_URL", raising=False)
    home = Home(tmp_path / "home")
    home.prepare()
    subprocess.run(
        [sys.executable, "-m", "towpath", "events", "count"],
        env={**os.environ, "TOWPATH_HOME": str(home.root)}, stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip

    def make(customers: int) -> Town:
        made = Town(home)
        made.run("plant", str(customers))
        return made

    return make
