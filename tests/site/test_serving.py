"""`towpath up` and `towpath serve` as real processes: what an operator sees, and what happens when parts die.

Processes are found in /proc, so these tests need Linux.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from towpath.site.serving import clear_group

pytestmark = pytest.mark.xdist_group("serving")

PATIENCE = 90.0
TAKEN = re.compile(r"Cannot listen at 127\.0\.0\.1, port (\d+): .+ Choose another: --port (\d+)")


def wait_for(what: Callable[[], object], why: str) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        if time.monotonic() > until:
            pytest.fail(f"waited {PATIENCE:g} seconds in vain until {why}")
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path) -> dict[str, str]:
    """Records in the home, whatever database the other tests use; bytecode is kept, which saves seconds."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "TOWPATH_HOME": str(home), "TOWPATH_DATABASE_URL": ""}


@dataclass
class Up:
    """One `towpath up` with a home of its own."""

    folder: Path
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        command = [sys.executable, "-m", "towpath", "up", "--no-demo", "--port", str(self.port)]
        with (self.folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                command, env=environment(self.home), stdout=output, stderr=subprocess.STDOUT
            )
        wait_for(lambda: "Ctrl-C" in self.told() or self.process.poll() is not None, "it greeted")
        assert self.process.poll() is None, self.told()

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def told(self) -> str:
        return (self.folder / "output").read_text()

    def logged(self, event: str) -> list[dict[str, object]]:
        """Lines of the log about this event."""
        whole = self.told().rpartition("\n")[0]
        lines = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    def parts(self, name: str = "") -> list[int]:
        """The processes that it started, or those of one command."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().decode().rstrip("\0").split("\0")
            except OSError:
                continue
            if words[-2:] == ["--parent", str(self.process.pid)] and (not name or name in words):
                found.append(int(path.parent.name))
        return found

    def get(self, address: str) -> tuple[int, dict[str, object]]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request("GET", address)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def clear(self) -> None:
        self.process.kill()
        self.process.wait()
        for pid in self.parts():
            os.kill(pid, signal.SIGKILL)


@dataclass
class Place:
    folder: Path
    started: list[Up] = field(default_factory=list)

    def running(self) -> Up:
        """The one that runs; a new one where a test has ended the last."""
        if not self.started or self.started[-1].process.poll() is not None:
            self.started.append(Up(self.folder / str(len(self.started))))
        return self.started[-1]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("serving"))
    yield place
    for each in place.started:
        each.clear()


@pytest.fixture
def up(place: Place) -> Up:
    return place.running()


def test_up_tells_the_address_and_a_password_that_works_and_that_others_cannot_read(up: Up) -> None:
    assert f"Towpath is at http://127.0.0.1:{up.port}/\n" in up.told()
    told = re.search(r"Sign in as (\w+) with the password (\S+)\n\(kept in (\S+) until", up.told())
    assert told is not None, up.told()
    name, password, kept = told.groups()
    assert Path(kept).is_relative_to(up.home)
    assert Path(kept).read_text() == password
    assert stat.S_IMODE(Path(kept).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(kept).parent.stat().st_mode) == 0o700

    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    sign_in = f"http://127.0.0.1:{up.port}/accounts/login/"
    browser.open(sign_in, timeout=PATIENCE).close()
    token = next(cookie.value for cookie in cookies if "csrf" in cookie.name) or ""
    form = {"login": name, "password": password, "csrfmiddlewaretoken": token}
    with browser.open(sign_in, urlencode(form).encode(), timeout=PATIENCE) as answer:
        assert (answer.status, "/accounts/" in answer.url) == (200, False)


def test_it_answers_that_it_lives_and_is_ready(up: Up) -> None:
    assert up.get("/healthz") == (200, {"status": "alive"})
    status, ready = up.get("/readyz")
    assert (status, ready["status"]) == (200, "ready")


def test_a_killed_worker_is_started_again(up: Up) -> None:
    wait_for(lambda: up.logged("worker started"), "the worker started")
    (killed,) = up.parts("worker")
    before = len(up.logged("worker started"))
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: len(up.logged("worker started")) > before, "another worker started")
    assert up.parts("worker") not in ([], [killed])
    (ended,) = up.logged("ended; starting it again")
    assert (ended["part"], ended["code"]) == ("worker", -signal.SIGKILL)
    assert up.get("/healthz")[0] == 200


@pytest.mark.parametrize("command", ["up", "serve"])
def test_a_taken_port_is_told_in_one_line_with_a_way_out(up: Up, command: str) -> None:
    again = [sys.executable, "-m", "towpath", command, "--port", str(up.port)]
    done = subprocess.run(again, env=environment(up.home), check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    told = TAKEN.search(line)
    assert told is not None, line
    assert (int(told[1]), int(told[2])) == (up.port, up.port + 1)


def test_sigterm_ends_everything_cleanly(up: Up) -> None:
    wait_for(lambda: up.logged("worker started"), "the worker started")
    assert len(up.parts()) >= 2
    up.process.terminate()
    assert up.process.wait(timeout=PATIENCE) == 0
    assert up.parts() == []
    assert up.logged("worker stopped")
    assert "Traceback" not in up.told()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", up.port))


def test_the_parts_end_by_themselves_when_what_started_them_is_killed(up: Up) -> None:
    wait_for(lambda: up.logged("worker started"), "the worker started")
    assert len(up.parts()) >= 2
    up.process.kill()
    up.process.wait()
    wait_for(lambda: not up.parts(), "server and worker ended")
    assert up.logged("worker stopped")


def test_what_an_ended_part_left_behind_is_ended_too() -> None:
    leaves_one = "import subprocess; print(subprocess.Popen(['sleep', '300'], stdout=subprocess.DEVNULL).pid)"
    part = subprocess.Popen(
        [sys.executable, "-c", leaves_one], stdout=subprocess.PIPE, start_new_session=True
    )
    left = int(part.communicate()[0])
    os.kill(left, 0)
    clear_group(part)
    wait_for(lambda: "sleep" not in _command(left), "what was left has ended")
    clear_group(part)


def _command(pid: int) -> str:
    """What a process runs; nothing once it has ended, whether or not somebody asked for its end."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""
