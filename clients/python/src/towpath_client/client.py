"""The client: takes events at once, sends them in the background."""

from __future__ import annotations

import atexit
import os
import ssl
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from towpath_client.courier import Courier, OnRefused
from towpath_client.event import Event
from towpath_client.queue import EventQueue, NotQueued, RefusedEvent
from towpath_client.sending import Sender

_open: set[TowpathClient] = set()
"""Until they are closed: their events must not vanish with the last reference."""


class TowpathClient:
    """Sends events to the Towpath at `url`, with an API key of the scope events:write.

    `source` names the system that the events come from. With `queue`, a path, events wait in that file until
    the server has them, whatever happens to this process; without, in memory. They go in batches of
    `batch_size`, at the latest `interval` seconds after the first of a batch. What the server does not take
    is logged, told to `on_refused` (called in the background), and kept (`refused()`). At most `limit` events
    wait. Pauses between tries grow up to `longest_pause` seconds. `context` is for a certificate authority of
    one's own.

    Raises NotQueued where the queue cannot be opened, ValueError for an url that is none. Safe to use from
    several threads; a forked child goes on with a connection and a thread of its own.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        source: str,
        queue: str | os.PathLike[str] | None = None,
        batch_size: int = 500,
        interval: float = 1.0,
        timeout: float = 10.0,
        longest_pause: float = 60.0,
        limit: int = 1_000_000,
        on_refused: OnRefused | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        sender = Sender(url, key, timeout, context)
        self._source = source
        self._closing = threading.Lock()
        self._closed = False
        self._queue = EventQueue(queue, limit)
        self._courier = Courier(
            self._queue,
            sender,
            batch_size=batch_size,
            interval=interval,
            longest_pause=longest_pause,
            on_refused=on_refused,
        )
        self._courier.start()
        _open.add(self)

    def send(self, event: Event) -> str:
        """Take an event and give its id. When this returns, the event is in the queue.

        Raises NotQueued where it cannot be kept, ValueError for what JSON cannot hold.
        """
        self.send_all([event])
        return event.id

    def send_all(self, events: Iterable[Event]) -> None:
        """Take several events, all or none; with a queue on disk much faster than one by one."""
        texts = [event.to_json(self._source) for event in events]
        if self._closed:
            raise NotQueued("this client is closed")
        self._queue.add(texts)
        self._courier.notice(len(texts))

    def track(self, type: str, subject: str | None = None, **attributes: Any) -> str:
        """`send(Event(type, subject, ...))` in one call."""
        return self.send(Event(type, subject, **attributes))

    def flush(self, timeout: float | None = None) -> bool:
        """Send now what waits now. True when the server has answered for all of it; False after `timeout`
        seconds."""
        return self._closed or self._courier.flush(timeout)

    def close(self, timeout: float = 5.0) -> bool:
        """Flush, then stop. False where events still wait: in a queue on disk until the next start."""
        with self._closing:
            if self._closed:
                return True
            self._closed = True
        done = self._courier.flush(timeout)
        self._courier.stop(timeout)
        _open.discard(self)
        return done

    def waiting(self) -> int:
        """How many events the server does not have yet."""
        return self._queue.waiting()

    def refused(self) -> list[RefusedEvent]:
        """What the server did not take, with its reasons."""
        return self._queue.refused()

    def __enter__(self) -> TowpathClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _after_fork(self) -> None:
        self._closing = threading.Lock()
        self._queue.reopen_after_fork()
        self._courier.begin()


def _close_all() -> None:
    for client in list(_open):
        client.close()


def _after_fork() -> None:
    for client in list(_open):
        client._after_fork()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
