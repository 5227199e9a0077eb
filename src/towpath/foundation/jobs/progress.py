"""What a running job tells its worker, over the pipe between their processes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

BETWEEN_REPORTS = 0.2
"""Seconds. More often than a page asks is of no use."""


@dataclass(frozen=True)
class Progress:
    """`done` of `total` (None: nobody knows how much it is), and what is being done."""

    done: int
    total: int | None
    text: str


@dataclass(frozen=True)
class Outcome:
    """How a job ended: `value` as JSON, or `exception` (dotted class) with its traceback."""

    value: Any = None
    exception: str = ""
    traceback: str = ""


class Reporter:
    """The way to the worker; closed in processes that run no jobs."""

    def __init__(self) -> None:
        self._pipe: Connection | None = None
        self._lock = threading.Lock()
        self._reported = float("-inf")

    def open(self, pipe: Connection) -> None:
        self._pipe = pipe

    def tell(self, news: Progress | Outcome) -> None:
        with self._lock:
            if self._pipe is not None:
                self._pipe.send(news)

    def is_due(self) -> bool:
        now = time.monotonic()
        due = self._pipe is not None and now - self._reported >= BETWEEN_REPORTS
        if due:
            self._reported = now
        return due


reporter = Reporter()


def progress(done: int, total: int | None = None, text: str = "") -> None:
    """Say how far the running job is; pages show it.

    Cheap enough to call for every record. Outside a job (a command that does the same work) it does nothing.
    """
    if reporter.is_due() or done == total:
        reporter.tell(Progress(done, total, text))
