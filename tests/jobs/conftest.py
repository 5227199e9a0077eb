"""Records of their own for tests that kill workers: a real database, real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend
from pytest_django.plugin import DjangoDbBlocker

WORK = (
    "import sys, django; django.setup();"
    "from towpath.foundation.jobs.working import Worker, work_until_signalled;"
    "lease, grace, drain = map(float, sys.argv[1:]);"
    "work_until_signalled(Worker(lease=lease, grace=grace, idle=0.05), drain=bool(drain))"
)


def wait_for(what: Callable[[], object], seconds: float = 120.0) -> None:
    """Until `what()` holds; fails, saying what it waited for, after so many seconds."""
    until = time.monotonic() + seconds
    while not what():
        if time.monotonic() > until:
            pytest.fail(f"waited {seconds:g} seconds in vain for {getattr(what, '__name__', what)}")
        time.sleep(0.02)


@dataclass
class Yard:
    """Where workers work: `chores` holds their marks."""

    environment: dict[str, str]
    chores: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def worker(
        self, *, lease: float = 1.5, grace: float = 10.0, drain: bool = False
    ) -> subprocess.Popen[bytes]:
        environment = {**self.environment, "CHORES": str(self.chores)}
        command = [sys.executable, "-c", WORK, str(lease), str(grace), str(int(drain))]
        with (self.chores / "log").open("ab") as log:
            self.started.append(subprocess.Popen(command, env=environment, stderr=log))
        return self.started[-1]

    def marks(self, name: str, what: str) -> int:
        return len(list(self.chores.glob(f"{name}.{what}.*")))

    def clear(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def _database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A fresh database: what TOWPATH_HOME and TOWPATH_DATABASE_URL must say to use it."""
    home = str(tmp_path_factory.mktemp("yard") / "home")
    server = os.environ.get("TOWPATH_DATABASE_URL", "")
    if not server:
        yield home, ""
        return
    name = f"yard_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        yield home, urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def _records(_database: tuple[str, str], django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    """This process uses that database too, in place of the test database."""
    home, url = _database
    Path(home).mkdir()
    usual = connections["default"]
    name = urlsplit(url).path.lstrip("/") or f"{home}/records.sqlite3"
    description = {**usual.settings_dict, "NAME": name}
    with django_db_blocker.unblock():
        connections["default"] = _opened(description)
        call_command("migrate", verbosity=0)
        yield {
            **os.environ,
            "TOWPATH_HOME": home,
            "TOWPATH_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "towpath.site.settings",
            "PYTHONPATH": str(Path(__file__).parent),
        }
        connections["default"].close()
        connections["default"] = usual


def _opened(description: dict[str, object]) -> BaseDatabaseWrapper:
    return load_backend(str(description["ENGINE"])).DatabaseWrapper(description, "default")


@pytest.fixture
def yard(_records: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    """An empty queue, and workers on it."""
    from django_tasks_db.models import DBTaskResult

    from towpath.foundation.jobs.models import Schedule

    monkeypatch.setenv("CHORES", str(tmp_path))
    place = Yard(_records, tmp_path)
    yield place
    place.clear()
    DBTaskResult.objects.all().delete()
    Schedule.objects.all().delete()
