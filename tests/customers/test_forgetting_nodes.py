"""Two nodes with records in PostgreSQL: one forgets customers while the other joins them with somebody else.

Real processes; `make soak` runs the long form.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from oblivion import OTHERS, named
from traces import found_in

from towpath.events.lake import Lake
from towpath.foundation.operations.home import Home

SERVER = os.environ.get("TOWPATH_DATABASE_URL") or os.environ.get("TOWPATH_TEST_DATABASE_URL", "")
SCRIPT = Path(__file__).parent / "oblivion.py"
pytestmark = pytest.mark.skipif(
    not SERVER, reason="TOWPATH_TEST_DATABASE_URL names no PostgreSQL, where nodes keep their records"
)


@dataclass
class Nodes:
    """Homes of two nodes, and the lake that they share."""

    homes: list[Home]
    folder: Path

    def begin(self, node: int, *what: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(SCRIPT), str(self.homes[node].root), *what]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def said(self, process: subprocess.Popen[str]) -> dict[int, str]:
        """What it said of each customer."""
        told, _nothing = process.communicate(timeout=500)
        assert process.returncode == 0
        return {int(number): word for number, word in (line.split() for line in told.splitlines()[1:-1])}

    def others_in_the_lake(self) -> set[int]:
        found = Lake(self.folder.as_uri(), local=self.homes[0].root).snapshot()
        those = found.query("select identifier from events where identifier like 'account:other%'")
        return {int(each.removeprefix("account:other")) for each in those["identifier"].to_pylist()}


@pytest.mark.parametrize(
    "customers", [pytest.param(6, id="short"), pytest.param(150, id="long", marks=pytest.mark.soak)]
)
def test_whoever_is_joined_on_one_node_while_they_are_forgotten_on_another_is_either_both_or_neither(
    nodes: Nodes, customers: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    nodes.said(nodes.begin(0, "plant", str(customers)))
    forgetting = nodes.begin(0, "forget-all", str(customers), str(tmp_path))
    rival = nodes.begin(1, "forget-all", str(customers), str(tmp_path))
    merging = nodes.begin(1, "merge-all", str(customers), str(tmp_path))
    forgotten, again, said = nodes.said(forgetting), nodes.said(rival), nodes.said(merging)
    merged = {number for number, word in said.items() if word == "merged"}
    assert nodes.others_in_the_lake() == set(range(OTHERS)) - merged
    # Whom both nodes were told to forget was forgotten by one of them; the other found the bare name.
    assert all({forgotten[number], again[number]} >= {"1"} for number in range(customers))
    assert [found_in(home, [named(number) for number in range(customers)]) for home in nodes.homes] == [
        {},
        {},
    ]
    assert found_in(Home(nodes.folder), [named(number) for number in range(customers)]) == {}
    record_property(
        "counted",
        f"{customers} customers forgotten on two nodes at once, {len(merged)} joined with others before, "
        f"{customers - len(merged)} refused; nobody half",
    )


@pytest.fixture
def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nodes]:
    name = f"forget_{uuid4().hex[:12]}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    monkeypatch.setenv("TOWPATH_DATABASE_URL", urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}")))
    monkeypatch.setenv("TOWPATH_LAKE_URL", (tmp_path / "shared").as_uri())
    homes = [Home(tmp_path / each) for each in ("one", "two")]
    for home in homes:
        home.prepare()
    subprocess.run(
        [sys.executable, "-m", "towpath", "events", "count"],
        env={**os.environ, "TOWPATH_HOME": str(homes[0].root)}, stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    for secret in homes[0].secrets.iterdir():
        (homes[1].secrets / secret.name).write_bytes(secret.read_bytes())
    yield Nodes(homes, tmp_path / "shared")
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
