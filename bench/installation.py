"""A Towpath of its own in a temporary home: `towpath serve` and `towpath worker` as they run anywhere."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

STARTS_WITHIN_S = 60.0
STOPS_WITHIN_S = 40.0
_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def fresh_home() -> Iterator[Path]:
    """An empty home with its records made, in this process's environment; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="towpath-bench-"))
    for name in [name for name in os.environ if name.startswith("TOWPATH_")]:
        del os.environ[name]
    os.environ["TOWPATH_HOME"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "towpath.site.settings"
    try:
        towpath("upgrade")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def towpath(*arguments: str) -> str:
    """What a command prints. Raises CalledProcessError."""
    command = [sys.executable, "-m", "towpath", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@dataclass(frozen=True)
class Running:
    """Web server and worker, and where the server listens."""

    port: int
    web: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]


@contextmanager
def running() -> Iterator[Running]:
    """Both, from when the server answers until the end of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web, worker = _start("serve", "--port", str(port)), _start("worker")
    try:
        _await_answer(port, web)
        yield Running(port, web, worker)
    finally:
        for process in (web, worker):
            process.terminate()
        for process in (web, worker):
            process.wait(STOPS_WITHIN_S)


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "towpath", *arguments]
    with (Path(os.environ["TOWPATH_HOME"]) / f"{arguments[0]}.log").open("wb") as told:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=told)


def _await_answer(port: int, web: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < end and web.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.1)
    raise TimeoutError(f"The web server did not answer at port {port} within {STARTS_WITHIN_S:.0f} s.")


def cpu_seconds(pid: int) -> float:
    """What a process and all below it have used of the processors (Linux; reads /proc)."""
    told = {int(path.name): _stat(path) for path in Path("/proc").glob("[0-9]*")}
    family, grown = {pid}, True
    while grown:
        below = {each for each, (parent, _) in told.items() if parent in family}
        grown = not below <= family
        family |= below
    return sum(told[each][1] for each in family if each in told)


def _stat(process: Path) -> tuple[int, float]:
    """Parent, and seconds of it and of its children that have ended."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0.0
    return int(fields[1]), sum(map(int, fields[11:15])) / _TICKS


def machine() -> str:
    """In words, and how busy it is: figures of a busy machine say less."""
    loads = " ".join(f"{load:.1f}" for load in os.getloadavg())
    return f"{os.cpu_count()} cores, load averages {loads}"
