"""One process writes the lake at a time, by a lock of the operating system that ends with its process."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from towpath.events.lake.errors import LakeBusy

_PAUSE_S = 0.05


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
