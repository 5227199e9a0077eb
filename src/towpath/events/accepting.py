"""What comes over HTTP: unpacked, read, and safe in inbox or quarantine before its sender hears of it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import msgspec
from django.utils.translation import gettext as _

from towpath.events.inbox import Inbox
from towpath.events.ingest import quarantine_received
from towpath.events.receiving import parse_events, unpack
from towpath.events.rules import WRITE_EVENTS
from towpath.events.store import inbox
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.operations.environment import number

INBOX_MAX_BYTES = 2 * 1024**3
DISK_RESERVE_BYTES = 512 * 1024**2
LOOK_EVERY_S = 0.5
RETRY_AFTER_S = 10


class InboxFull(Exception):
    """Nothing more is accepted for now; the text says why. Senders try again after `retry_after` seconds."""

    retry_after = RETRY_AFTER_S


class RefusedReport(msgspec.Struct, frozen=True):
    """An event that was not taken: its place in the batch (from 0, and in words) and what to do."""

    index: int
    place: str
    reason: str


class Accepted(msgspec.Struct, frozen=True):
    """So many events are safe. Each refused one lies in quarantine too, where a person can mend it."""

    accepted: int
    refused: tuple[RefusedReport, ...]


@dataclass(frozen=True)
class Sent:
    """A request's body as it came, and its headers by lower-case name."""

    content: bytes
    headers: Mapping[str, str]


def accept(actor: Actor, sent: Sent) -> Accepted:
    """Take a body's events. When this returns they are on disk; each counts once, however often it is sent.

    Raises BodyRefused (400, 413, 415) where nothing of it can be read, InboxFull, InboxBroken,
    PermissionDenied.
    """
    require(actor, WRITE_EVENTS)
    to = inbox()
    _check_room(to)
    content = unpack(sent.content, sent.headers.get("content-encoding"))
    content_type = sent.headers.get("content-type", "")
    received = parse_events(content, content_type, now=datetime.now(UTC), headers=sent.headers)
    if received.refused:
        quarantine_received(received.refused, source=actor.name)
    if received.events.num_rows:
        to.accept(received.events)
    return Accepted(
        received.events.num_rows,
        tuple(RefusedReport(each.index, each.place, each.reason) for each in received.refused),
    )


def _check_room(to: Inbox) -> None:
    """Raises InboxFull. Looks seldom: a batch is small beside either limit."""
    reason = _why_full(to.path, int(time.monotonic() / LOOK_EVERY_S))
    if reason:
        raise InboxFull(reason)


@lru_cache(maxsize=1)
def _why_full(path: Path, _moment: int) -> str:
    waiting, limit = Inbox(path).fill().bytes, number("TOWPATH_INBOX_MAX_BYTES", default=INBOX_MAX_BYTES)
    if waiting >= limit:
        return _(
            "The inbox holds %(waiting)d bytes that wait for the lake; it may hold %(limit)d. "
            "Send again later; if this lasts, see that a worker runs."
        ) % {"waiting": waiting, "limit": limit}
    free = shutil.disk_usage(path.parent).free
    reserve = number("TOWPATH_DISK_RESERVE_BYTES", default=DISK_RESERVE_BYTES)
    if free < reserve:
        return _(
            "The disk has %(free)d bytes left, less than the %(reserve)d that are kept free. "
            "Make room, then send again."
        ) % {"free": free, "reserve": reserve}
    return ""


def headers_of(given: Mapping[str, str]) -> dict[str, str]:
    """Headers by lower-case name."""
    return {name.lower(): value for name, value in given.items()}


def writable() -> bool:
    """Whether the inbox takes events: what `/readyz` asks. Raises InboxBroken with the reason."""
    box = inbox()
    return os.access(box.path, os.W_OK) and box.fill().events >= 0
