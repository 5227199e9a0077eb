"""Runs the loops: each in a thread of its own, so that a slow one holds up no other and no heartbeat."""

from __future__ import annotations

import threading

import structlog
from django.db import close_old_connections, connections

from towpath.foundation.jobs.declaring import Loop

LONGEST_PAUSE = 60.0
log = structlog.get_logger(__name__)


def keep_running(loop: Loop, stop: threading.Event) -> None:
    """Repeat until `stop` is set. An error is logged, and doubles the pause, up to a minute."""
    failures = 0
    while not stop.is_set():
        close_old_connections()
        try:
            loop.run()
            failures = 0
        except Exception:
            failures += 1
            log.exception("loop failed", loop=loop.name, failures=failures)
        stop.wait(min(loop.every * 2 ** min(failures, 16), max(LONGEST_PAUSE, loop.every)))
    connections.close_all()


class Loops:
    """All loops of a worker."""

    def __init__(self, loops: list[Loop]) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=keep_running, args=(loop, self._stop), name=loop.name, daemon=True)
            for loop in loops
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float) -> None:
        """Let each finish its turn, for so many seconds in all."""
        self._stop.set()
        share = seconds / max(len(self._threads), 1)
        for thread in self._threads:
            thread.join(share)
