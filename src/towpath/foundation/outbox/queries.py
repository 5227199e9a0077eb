"""Reads: who announces what and who listens; which announcements are stuck."""

from __future__ import annotations

from datetime import datetime

import msgspec

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.outbox.announcing import Announcement, listeners, name_of
from towpath.foundation.outbox.models import OutboxMessage
from towpath.foundation.outbox.rules import READ_OUTBOX, STUCK_AFTER


class AnnouncementRecord(msgspec.Struct, frozen=True):
    """A kind of fact, the area that announces it, and the functions that handle it."""

    announcement: str
    announced_by: str
    listeners: list[str]


class WaitingRecord(msgspec.Struct, frozen=True):
    id: int
    announcement: str
    listener: str
    announced_at: datetime
    attempts: int
    next_try: datetime
    last_error: str


def announcements() -> list[AnnouncementRecord]:
    """Every kind of announcement, also those that nobody listens to."""
    heard = listeners()
    return sorted(
        (
            AnnouncementRecord(
                kind.__name__,
                kind.__module__.removesuffix(".announcements"),
                sorted(name_of(handler) for handler in heard.get(kind, [])),
            )
            for kind in Announcement.__subclasses__()
        ),
        key=lambda record: (record.announced_by, record.announcement),
    )


def stuck(actor: Actor) -> list[WaitingRecord]:
    """Messages whose handler failed `STUCK_AFTER` times or more, the oldest first."""
    require(actor, READ_OUTBOX)
    rows = OutboxMessage.objects.filter(handled_at=None, attempts__gte=STUCK_AFTER)
    return [
        WaitingRecord(
            row.pk,
            row.announcement,
            row.listener,
            row.announced_at,
            row.attempts,
            row.not_before,
            row.last_error,
        )
        for row in rows
    ]


def waiting() -> dict[str, float]:
    """How many messages wait, for the gauge: those on their way, and those that are stuck."""
    rows = OutboxMessage.objects.filter(handled_at=None)
    late = rows.filter(attempts__gte=STUCK_AFTER).count()
    return {"on its way": rows.count() - late, "stuck": late}
