"""`towpath serve`: the web server. `towpath up`: web server and worker together."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import click
import structlog
from django.conf import settings
from django.db import connection, connections
from django.utils.translation import gettext as _
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from towpath.foundation.accounts.first_administrator import ensure_first_administrator
from towpath.foundation.operations.home import home
from towpath.site.demo.showing import Showing, carry_sessions
from towpath.site.keeping.upgrade import refuse_unfit_lake
from towpath.site.worker import PARENT, end_with

THREADS = 8
MOST_PROCESSES = 4
LONGEST_PAUSE = 30.0
SETTLED = 60.0
"""Seconds after which a process that ends is started again without a pause, as one that had been well."""
FAREWELL = 30.0
"""Seconds that the parts have to stop; above the worker's grace for a running job."""
LAST_PAGE = 3.0
"""Seconds that they go on once others are asked for."""

HOST = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
PORT = click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
log = structlog.get_logger(__name__)


def refuse_taken_port(host: str, port: int) -> None:
    """Raises ClickException (exit 2) where nobody can listen at that address, saying what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise click.ClickException(
                _("Cannot listen at %(host)s, port %(port)s: %(reason)s. Choose another: --port %(other)s")
                % {"host": host, "port": port, "reason": reason, "other": port % 65535 + 1}
            ) from None


def processes() -> int:
    """SQLite has one writer and shares its page cache within a process; PostgreSQL serves several."""
    return 1 if connection.vendor == "sqlite" else min(MOST_PROCESSES, os.cpu_count() or 1)


@click.command()
@HOST
@PORT
@PARENT
def serve(host: str, port: int, parent: int | None) -> None:
    """Serve the pages and the API until stopped (Ctrl-C, SIGTERM)."""
    refuse_taken_port(host, port)
    refuse_unfit_lake()
    count = processes()
    connections.close_all()
    server = Granian(
        "towpath.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=count,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    )
    end_with(parent)
    server.serve()


@dataclass
class Part:
    """A process that is kept running: started again when it ends (later and later if it ends early)."""

    name: str
    command: list[str]
    environment: Mapping[str, str] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    pause: float = 0.0

    def start(self) -> None:
        self.started = time.monotonic()
        command = [sys.executable, "-m", "towpath", *self.command, "--parent", str(os.getpid())]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, start_new_session=True, env=self.environment
        )

    def tend(self) -> None:
        """Start it again where it has ended and its pause is over."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            well = now - self.started > SETTLED
            self.pause = 0.0 if well else min(max(1.0, self.pause * 2), LONGEST_PAUSE)
            self.not_before = now + self.pause
            log.warning("ended; starting it again", part=self.name, code=self.process.returncode)
            clear_group(self.process)
            self.process = None
        if self.process is None and now >= self.not_before:
            self.start()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


Turn = Callable[[], list[Part]]
"""Makes the parts that follow the present ones."""


@dataclass
class Supervisor:
    """Keeps the parts running until `stop`; then ends them all."""

    parts: list[Part]
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, welcome: Callable[[], bool], turn: Callable[[], Turn | None]) -> None:
        """`welcome` is called until it returns True: once the server answers, it greets. Where the present
        parts shall make room, `turn` says what makes the others, once these have ended."""
        greeted = False
        try:
            while not self.stopping.wait(0.2):
                for part in self.parts:
                    part.tend()
                greeted = greeted or welcome()
                if make := turn():
                    # Who asked for it is still given the page that waits for the others, and its script.
                    self.stopping.wait(LAST_PAGE)
                    self._end()
                    self.parts = make()
        finally:
            self._end()

    def _end(self) -> None:
        running = [part.process for part in self.parts if part.process is not None and part.is_running()]
        for process in running:
            process.terminate()
        until = time.monotonic() + FAREWELL
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            clear_group(process)


def clear_group(ended: subprocess.Popen[bytes]) -> None:
    """End what an ended part started and left: a server's own process would keep the port, and answer."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(ended.pid, signal.SIGKILL)


@dataclass
class Stage:
    """What `up` runs: server and worker of the own home or of the demo company's, which is made first."""

    showing: Showing
    serve: list[str]
    running: list[Part] = field(default_factory=list)
    maker: subprocess.Popen[bytes] | None = None
    invented: bool = False

    def open(self, demo: bool) -> list[Part]:
        """The parts to begin with."""
        if demo and self.showing.wanted():
            return self._demo()
        return self._parts(invented=False)

    def turn(self) -> Turn | None:
        """What makes other parts, once somebody left the demo company, asked for it, or it could not be
        made."""
        if self.invented:
            self._tend_maker()
            return self._own if self.showing.was_left() else None
        return self._demo if self.showing.was_wanted() and self.showing.wanted() else None

    def end(self) -> None:
        """Stop making; what is half made is made anew the next time."""
        if self.maker is not None:
            self.maker.terminate()
            self.maker.wait()
            self.maker = None

    def _own(self) -> list[Part]:
        try:
            carry_sessions(self.showing.demo.records, self.showing.own.records)
        except sqlite3.Error:
            log.exception("who is signed in could not be carried over: they sign in again")
        return self._parts(invented=False)

    def _demo(self) -> list[Part]:
        self.end()
        to_be_made = self.showing.prepare()
        server, worker = self._parts(invented=True)
        if not to_be_made:
            return self.running
        # The worker follows when the company is whole: until then it would wait for the maker's writes.
        self.running.remove(worker)
        self.maker = subprocess.Popen(
            [sys.executable, "-m", "towpath", "demo", "--json", "--parent", str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=server.environment,
        )
        return self.running

    def _parts(self, *, invented: bool) -> list[Part]:
        self.invented = invented
        told = self.showing.environment(invented=invented)
        self.running = [Part("server", self.serve, told), Part("worker", ["worker"], told)]
        return self.running

    def _tend_maker(self) -> None:
        if self.maker is None or self.maker.poll() is None:
            return
        if self.maker.returncode == 0:
            self.showing.made()
            self.running.append(Part("worker", ["worker"], self.running[0].environment))
        else:
            log.error("the demo company could not be made", code=self.maker.returncode)
            self.showing.leave()
        self.maker = None


def answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=0.5):
        return True
    return False


def greeting(host: str, port: int) -> str:
    """Where to go, and how to sign in for as long as nobody has."""
    shown = f"[{host}]" if ":" in host else host
    lines = [_("Towpath is at http://%(host)s:%(port)s/") % {"host": shown, "port": port}]
    first = ensure_first_administrator()
    if first is not None:
        lines += [
            _("Sign in as %(name)s with the password %(password)s")
            % {"name": first.username, "password": first.password},
            _("(kept in %(path)s until somebody has signed in)") % {"path": first.path},
        ]
    lines.append(_("Stop it with Ctrl-C."))
    return "\n".join(lines)


@click.command()
@HOST
@PORT
@click.option("--demo/--no-demo", default=None, help="Show the invented company while the store is empty.")
def up(host: str, port: int, demo: bool | None) -> None:
    """Web server and worker together; prints the address and how to sign in.

    An empty store shows an invented company, in a home of its own, until somebody leaves it for good.
    """
    refuse_taken_port(host, port)
    refuse_unfit_lake()
    text = greeting(host, port)
    stage = Stage(Showing(home()), ["serve", "--host", host, "--port", str(port)])
    parts = stage.open(settings.DEMO if demo is None else demo)
    connections.close_all()
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (asked for by the operator)

    def welcome() -> bool:
        ready = answers(near, port)
        if ready:
            click.echo(text)
        return ready

    supervisor = Supervisor(parts)
    for ending in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(ending, lambda *_: supervisor.stopping.set())
    try:
        supervisor.run(welcome, stage.turn)
    finally:
        stage.end()


COMMANDS = (serve, up)
