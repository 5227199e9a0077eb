"""README's first event: its commands, run as they are printed, against `towpath up`."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from towpath.events.envelope import subject_key
from towpath.events.lake import Lake

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^## Send your first event\n(.*?)^## ", re.M | re.S)
PATIENCE = 90.0

pytestmark = pytest.mark.xdist_group("serving")


def told() -> tuple[str, str]:
    """The section's commands, and the answer that it promises."""
    found = SECTION.search((ROOT / "README.md").read_text())
    assert found, "README has a section on the first event"
    answer = re.search(r"The answer is `([^`]+)`", found[1])
    assert answer, "it tells the answer"
    return "".join(re.findall(r"^    (.*\n)", found[1], re.M)), answer[1]


def answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[dict[str, str], int]]:
    """An environment whose home `towpath up` serves, and the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "TOWPATH_HOME": str(tmp_path / "home"), "TOWPATH_DATABASE_URL": ""}
    with (tmp_path / "log").open("wb") as log:
        up = subprocess.Popen(
            [sys.executable, "-m", "towpath", "up", "--no-demo", "--port", str(port)],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    until = time.monotonic() + PATIENCE
    while not answers(port):
        assert time.monotonic() < until, (tmp_path / "log").read_text()
        time.sleep(0.1)
    yield environment, port
    up.terminate()
    up.wait(PATIENCE)


def test_the_first_event_of_the_readme_can_be_seen_within_seconds(
    running: tuple[dict[str, str], int], tmp_path: Path
) -> None:
    environment, port = running
    script, answer = told()
    assert "http://127.0.0.1:8000/api/events" in script
    done = subprocess.run(
        ["/bin/sh", "-euc", script.replace(":8000/", f":{port}/")],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip() == answer
    lake, until = Lake(tmp_path / "home" / "lake"), time.monotonic() + 20
    while not lake.snapshot().rows:
        assert time.monotonic() < until, "it reaches the lake within seconds"
        time.sleep(0.1)
    (event,) = lake.snapshot().query("select key, type from events").to_pylist()
    assert event == {"key": subject_key("customer:account:4711"), "type": "order.paid"}
