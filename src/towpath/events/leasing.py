"""The lake's locks where several nodes share it: leases in the records.

A holder renews its lease while it works. One that does not answer for `LEASE_S` seconds has lost it, and must
not commit: `check` tells it so just before, and the version that it saw is taken by then (`EventLog.bar`).
All statements run in threads, and so in transactions, of their own: others see a lease at once, whatever
transaction its holder is in.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

from django.db import Error, connection
from django.db.models import Q
from django.db.models.functions import Now

from towpath.events.lake.errors import LakeBusy, LakeLockLost
from towpath.events.models import LakeLease

LEASE_S = 10.0
"""Long against a pause of a busy machine, short for those who wait for a dead one."""
_PAUSE_S = 0.1
Result = TypeVar("Result")


@dataclass(frozen=True)
class _Held:
    name: str
    token: str


class Leases:
    """`lake.lock.Locks` for nodes that share their records. `length_s`: how long one holds by itself."""

    shared = True

    def __init__(self, length_s: float = LEASE_S) -> None:
        self._length = length_s
        self._mine = threading.local()

    @contextmanager
    def __call__(self, name: str, timeout_s: float) -> Iterator[None]:
        """Hold the lease `name`. Raises `LakeBusy`, which names the holder."""
        held = _Held(name, uuid4().hex)
        _apart(lambda: self._acquire(held, timeout_s))
        ending = threading.Event()
        beat = threading.Thread(target=self._keep, args=(held, ending), name=f"lease {name}", daemon=True)
        beat.start()
        self._held.append(held)
        try:
            yield
        finally:
            self._held.remove(held)
            ending.set()
            beat.join()
            # A lease that cannot be given back ends by itself.
            with suppress(Error):
                _apart(lambda: LakeLease.objects.filter(name=name, token=held.token).update(token=""))

    def check(self) -> None:
        """Raises `LakeLockLost` where a lease of this thread has become another's, or may have."""
        for held in self._held:
            if not _apart(lambda held=held: self._renew(held)):  # type: ignore[misc]
                raise LakeLockLost(
                    f"This process ({_me()}) did not answer for {self._length:g} s while it wrote the lake, "
                    "and another may write it now. Nothing was committed; what was to be done is tried again."
                )

    @property
    def _held(self) -> list[_Held]:
        found: list[_Held] | None = getattr(self._mine, "held", None)
        if found is None:
            found = self._mine.held = []
        return found

    def _acquire(self, held: _Held, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        LakeLease.objects.get_or_create(name=held.name, defaults={"expires_at": Now()})
        free = LakeLease.objects.filter(Q(token="") | Q(expires_at__lte=Now()), name=held.name)
        length = timedelta(seconds=self._length)
        while not free.update(holder=_me(), token=held.token, expires_at=Now() + length):
            if time.monotonic() >= deadline:
                raise LakeBusy(_busy(held.name, timeout_s, self._length))
            time.sleep(_PAUSE_S)

    def _keep(self, held: _Held, ending: threading.Event) -> None:
        """Renew until `ending`; a lease that is another's is left, and `check` finds that."""
        try:
            while not ending.wait(self._length / 4):
                with suppress(Error):
                    if not self._renew(held):
                        return
        finally:
            connection.close()

    def _renew(self, held: _Held) -> bool:
        """Whether it was still ours. One that has run out is not renewed: another may have seen that."""
        ours = LakeLease.objects.filter(name=held.name, token=held.token, expires_at__gt=Now())
        return bool(ours.update(expires_at=Now() + timedelta(seconds=self._length)))


def _apart(work: Callable[[], Result]) -> Result:
    """Run `work` in a thread of its own, hence on a connection of its own."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run, name="lease", daemon=True)
    thread.start()
    thread.join()
    return future.result()


def _me() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _busy(name: str, timeout_s: float, length_s: float) -> str:
    holder = LakeLease.objects.filter(name=name).values_list("holder", flat=True).first()
    return (
        f"The lake is being written by {holder or 'another process'} (lease {name}); waited {timeout_s:g} s. "
        f"Try again when it has finished; if it hangs, stop that process: the lease ends "
        f"{length_s:g} s later."
    )
