"""Delivery: each waiting announcement is handed to its listener until that has handled it."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import structlog
from django.db import transaction
from django.utils import timezone

from towpath.foundation.outbox.announcing import Announcement, Handler, listeners, name_of
from towpath.foundation.outbox.models import OutboxMessage
from towpath.foundation.outbox.rules import pause_after

log = structlog.get_logger("towpath.outbox")
CLAIM = timedelta(minutes=5)
"""How long a message is left to the process that took it. A handler that takes longer belongs in a job."""
LONGEST_ERROR = 2000


class NobodyListens(LookupError):
    """The listener of this message is not (or no longer) part of Towpath."""


def deliver(limit: int = 100) -> int:
    """Hand over up to `limit` waiting messages, the oldest first. Returns how many were handled.

    At least once: a process that is killed between a handler's commit and its note leaves the message to be
    handled again. A handler that fails keeps its own message waiting (`pause_after`), and nobody else's.
    """
    handled = 0
    for _ in range(limit):
        message = _claim()
        if message is None:
            break
        handled += _hand_over(message)
    return handled


def _claim() -> OutboxMessage | None:
    """The oldest message that is due, put out of other processes' sight for a while."""
    now = timezone.now()
    due = OutboxMessage.objects.filter(handled_at=None, not_before__lte=now).order_by("pk")
    while (message := due.first()) is not None:
        taken = OutboxMessage.objects.filter(
            pk=message.pk, not_before=message.not_before, handled_at=None
        ).update(not_before=now + CLAIM)
        if taken:
            return message
    return None


def _hand_over(message: OutboxMessage) -> bool:
    mine = OutboxMessage.objects.filter(pk=message.pk)
    try:
        kind, handler = _listener_of(message)
        with transaction.atomic():
            handler(msgspec.convert(message.body, kind, strict=False))
            mine.update(handled_at=timezone.now(), attempts=message.attempts + 1, last_error="")
    except Exception as error:
        attempts = message.attempts + 1
        log.exception("handler failed", announcement=message.announcement, listener=message.listener)
        mine.update(
            attempts=attempts,
            not_before=timezone.now() + pause_after(attempts),
            last_error=f"{type(error).__name__}: {error}"[:LONGEST_ERROR],
        )
        return False
    return True


def _listener_of(message: OutboxMessage) -> tuple[type[Announcement], Handler[Announcement]]:
    for kind, handlers in listeners().items():
        for handler in handlers:
            if kind.__name__ == message.announcement and name_of(handler) == message.listener:
                return kind, handler
    raise NobodyListens(f"{message.listener} does not handle {message.announcement}")
