"""The background: takes batches from the queue to the server until it has them."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable

from towpath_client.queue import EventQueue, Queued, RefusedEvent
from towpath_client.sending import NotNow, Sender, TooMuch

log = logging.getLogger("towpath_client")

FIRST_PAUSE = 0.5
LONGEST_NAMED_PAUSE = 3600.0
"""Seconds that a `Retry-After` is believed for."""

OnRefused = Callable[[RefusedEvent], None]


class Courier:
    """Sends what lies in a queue, on a thread of its own. Never raises out of it."""

    def __init__(
        self,
        queue: EventQueue,
        sender: Sender,
        *,
        batch_size: int,
        interval: float,
        longest_pause: float,
        on_refused: OnRefused | None,
    ) -> None:
        self._queue, self._sender, self._on_refused = queue, sender, on_refused
        self._batch_size, self._interval, self._longest_pause = batch_size, interval, longest_pause
        self._size = batch_size
        self.begin()

    def begin(self) -> None:
        """Start over, with nothing of a thread that a fork left behind."""
        self._changed = threading.Condition()
        self._fresh = 0  # events since the last batch
        self._flushes = 0
        self._hurry = self._stopping = False
        self._failures = 0
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name="towpath-client", daemon=True)
        self._started = False

    def start(self) -> None:
        """Begin to send, unless it does so already."""
        with self._changed:
            if not self._started:
                self._started = True
                self._thread.start()

    def notice(self, events: int) -> None:
        """So many events came into the queue."""
        self.start()
        with self._changed:
            before, self._fresh = self._fresh, self._fresh + events
            if before == 0 or self._fresh >= self._batch_size:
                self._changed.notify_all()

    def flush(self, timeout: float | None) -> bool:
        """Send at once; True when nothing is left of what waits now, False after `timeout` seconds."""
        self.start()
        deadline = None if timeout is None else time.monotonic() + timeout
        last = self._queue.last()
        with self._changed:
            self._hurry = True
            self._flushes += 1
            self._changed.notify_all()
            while self._queue.waits_until(last):
                left = 1.0 if deadline is None else deadline - time.monotonic()
                if left <= 0 or not self._thread.is_alive():
                    return False
                self._changed.wait(min(left, 1.0))
        return True

    def stop(self, timeout: float) -> None:
        """Stop after the batch that is on its way, and close the queue."""
        self.start()
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout)

    def _run(self) -> None:
        more = True  # what an earlier process left
        while self._wait_for_work(more):
            try:
                more = self._send_batch()
            except Exception:
                log.exception("A batch could not be handled; it stays in the queue.")
                self._rest(None)
        self._queue.close()

    def _wait_for_work(self, more: bool) -> bool:
        with self._changed:
            if not more:
                self._changed.wait_for(lambda: self._fresh or self._hurry or self._stopping)
                self._changed.wait_for(
                    lambda: self._fresh >= self._batch_size or self._hurry or self._stopping, self._interval
                )
            self._fresh = 0
            return not self._stopping

    def _send_batch(self) -> bool:
        """Send the oldest events; True where there may be more to send at once."""
        batch = self._queue.first(self._size)
        if not batch:
            with self._changed:
                self._hurry = False
            return False
        answer = self._sender.post([queued.event for queued in batch])
        if isinstance(answer, NotNow):
            self._note(answer.reason)
            self._rest(answer.pause)
            return True
        if isinstance(answer, TooMuch):
            if len(batch) > 1:
                self._size = len(batch) // 2
                return True
            self._settle(batch, [(batch[0], answer.reason)])
            return True
        refused = [(batch[at], why) for at, why in sorted(answer.refused.items()) if 0 <= at < len(batch)]
        self._settle(batch, refused)
        return len(batch) == self._batch_size or self._hurry or self._size < self._batch_size

    def _settle(self, batch: list[Queued], refused: list[tuple[Queued, str]]) -> None:
        self._queue.settle(batch, refused)
        for queued, reason in refused:
            log.warning("Towpath refused an event: %s", reason)
            self._tell(RefusedEvent(queued.event, reason, time.time()))
        with self._changed:
            self._failures = 0
            self._size = min(self._size * 2, self._batch_size)
            self._changed.notify_all()
        self._note("")

    def _tell(self, refused: RefusedEvent) -> None:
        if self._on_refused is None:
            return
        try:
            self._on_refused(refused)
        except Exception:
            log.exception("on_refused failed; the event is kept among the refused.")

    def _note(self, trouble: str) -> None:
        """Say what is wrong once, not at every try."""
        if trouble and trouble != self._trouble:
            log.warning("Events wait in the queue: %s", trouble)
        elif self._trouble and not trouble:
            log.warning("Events are taken again.")
        self._trouble = trouble

    def _rest(self, named: float | None) -> None:
        """A pause: what the server names, else one that grows; a flush cuts only the latter short."""
        with self._changed:
            if named is not None:
                pause = min(named, LONGEST_NAMED_PAUSE) * random.uniform(1.0, 1.1)  # noqa: S311 - no secret
                self._changed.wait_for(lambda: self._stopping, pause)
                return
            longest = min(FIRST_PAUSE * 2 ** min(self._failures, 20), self._longest_pause)
            self._failures += 1
            asked = self._flushes
            pause = longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
            self._changed.wait_for(lambda: self._stopping or self._flushes != asked, pause)
