"""One process writes the lake at a time.

Locks of the operating system, which end with their process, see to that; for several machines something else
(`Locks`).
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from towpath.events.lake.errors import LakeBusy

_PAUSE_S = 0.05
WRITER = "writer"
"""Held by who commits."""
BODY = "body"
"""Held by who makes files of the body anew; taken before `WRITER` by who needs both."""


class Locks(Protocol):
    """The lake's locks, by name."""

    shared: bool
    """Whether a holder can lose a lock while it is at work: then commits are fenced."""

    def __call__(self, name: str, timeout_s: float) -> AbstractContextManager[None]:
        """Hold one, waiting up to `timeout_s` seconds for another's to end. Raises `LakeBusy`."""

    def check(self) -> None:
        """Raises `LakeLockLost` where one that this thread holds has become another's."""


class FileLocks:
    """Locks in a folder of this machine, which only the end of their process takes away."""

    shared = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str, timeout_s: float) -> AbstractContextManager[None]:
        return writer_lock(self._folder / f"{name}.lock", timeout_s)

    def check(self) -> None:
        """Nothing to find."""


@contextmanager
def writer_lock(path: Path, timeout_s: float) -> Iterator[None]:
    """Hold the lock at `path`, waiting up to `timeout_s` seconds for another writer.

    Raises `LakeBusy` when the other writer is still at work then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The lock belongs to the open file: opened anew each time, threads of one process exclude each other too.
    with path.open("a+", encoding="ascii") as file:
        _acquire(file.fileno(), path, timeout_s)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def _acquire(descriptor: int, path: Path, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise LakeBusy(_busy(path, timeout_s)) from None
            time.sleep(_PAUSE_S)
        else:
            return


def _busy(path: Path, timeout_s: float) -> str:
    holder = path.read_text(encoding="ascii").strip()
    who = f"process {holder}" if holder else "another process"
    return (
        f"The lake is being written by {who} (lock {path}); waited {timeout_s:g} s. "
        f"Try again when it has finished; if it hangs, stop that process: the lock goes with it."
    )
