"""The worker's end of the process that runs jobs (`running.py`)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from uuid import UUID

from towpath.foundation.jobs.progress import Outcome, Progress


class Ended(Exception):
    """The process is gone; the text says how."""


class Runner:
    """Starts the process when it is first needed, and again after it ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def start(self) -> Connection:
        """The pipe to a living process."""
        if self._process is not None and self._process.poll() is not None:
            self.kill()
        if self._pipe is None:
            self._pipe, theirs = Pipe()
            command = [sys.executable, "-m", "towpath.foundation.jobs.running", str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=os.environ
            )
            theirs.close()
        return self._pipe

    def order(self, task_id: UUID) -> None:
        self.start().send(task_id)

    def news(self, seconds: float) -> Outcome | Progress | None:
        """What the job says within so many seconds. Raises Ended when its process is gone: another one would
        know nothing of the order, and its worker would wait for ever."""
        pipe = self._pipe
        if pipe is None:
            raise Ended(self._epitaph())
        try:
            if not pipe.poll(seconds):
                return None
            message: Outcome | Progress = pipe.recv()
        except (EOFError, OSError):
            raise Ended(self._epitaph()) from None
        return message

    def kill(self) -> None:
        """End the process at once, whatever it does. Safe to call again."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._pipe = self._process = None

    def _epitaph(self) -> str:
        process = self._process
        code = process.wait() if process is not None else 0
        self.kill()
        if code < 0:
            return f"the process that ran it was ended by {signal.Signals(-code).name}"
        return f"the process that ran it ended with exit code {code}"
