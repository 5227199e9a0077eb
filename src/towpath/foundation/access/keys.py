"""Secrets of API keys: how one is drawn, what is kept of it, and whose it is.

What is kept is SHA-256 of the secret, without salt or stretching. Those defend secrets that people choose,
which can be guessed; this one holds 256 random bits, which nobody guesses, and each request can find its row
by the digest.

A process remembers for two seconds whose a key is: a sender of many batches would ask the records for each.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from towpath.foundation.access.actor import ANONYMOUS, Actor
from towpath.foundation.access.models import ApiKey

OPENING = "towpath_"
"""What every secret starts with, so that scanners for leaked secrets can know one when they see it."""
NOTE_USE_EVERY = timedelta(minutes=1)
"""`last_used_at` is that coarse, so that reading the API does not write the records each time."""

REMEMBERED_S = 2.0
"""So long a process may go on taking a key that another process has revoked."""
MOST_REMEMBERED = 1_000


@dataclass(frozen=True)
class Drawn:
    """A new secret: `text` is shown once and then gone; `prefix` names the key; `digest` is kept."""

    text: str
    prefix: str
    digest: str


def draw() -> Drawn:
    prefix = OPENING + secrets.token_hex(4)
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    return Drawn(text, prefix, digest_of(text))


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class _Remembered:
    actor: Actor
    expires_at: datetime | None
    until: float


class _Memory:
    """Whose keys are, by digest. What was read before `clear` is not kept after it."""

    def __init__(self) -> None:
        self._known: dict[str, _Remembered] = {}
        self._lock = threading.Lock()
        self.generation = 0

    def actor(self, digest: str, now: datetime) -> Actor | None:
        found = self._known.get(digest)
        if found is None or found.until < time.monotonic():
            return None
        return None if found.expires_at is not None and found.expires_at <= now else found.actor

    def keep(self, digest: str, found: _Remembered, generation: int) -> None:
        with self._lock:
            if generation == self.generation:
                if len(self._known) >= MOST_REMEMBERED:
                    self._known.clear()
                self._known[digest] = found

    def clear(self) -> None:
        with self._lock:
            self._known.clear()
            self.generation += 1


_memory = _Memory()


def look_again(**_signal: Any) -> None:
    """Keys, people or roles changed: nothing that this process remembers of keys holds any more.

    Now, and once others can see the change: who asks in between is told of the row as it was.
    """
    _memory.clear()
    transaction.on_commit(_memory.clear)


def actor_of_key(secret: str) -> Actor | None:
    """Who acts with this secret; None where it is unknown, revoked or expired, or its owner's account
    closed. What changed in this process holds at once, elsewhere after `REMEMBERED_S`."""
    digest, now, generation = digest_of(secret), timezone.now(), _memory.generation
    if known := _memory.actor(digest, now):
        return known
    key = (
        ApiKey.objects.filter(digest=digest, revoked_at=None)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .select_related("owner")
        .first()
    )
    if key is None or (key.owner is not None and not key.owner.is_active):
        return None
    if key.last_used_at is None or now - key.last_used_at > NOTE_USE_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    actor = _actor(key)
    _memory.keep(digest, _Remembered(actor, key.expires_at, time.monotonic() + REMEMBERED_S), generation)
    return actor


def _actor(key: ApiKey) -> Actor:
    return Actor(
        "key",
        name=f"{key.name} ({key.prefix})",
        person_id=key.owner_id,
        key_id=key.pk,
        roles=key.owner.roles() if key.owner is not None else frozenset(),
        scopes=frozenset(key.scopes),
    )


def actor_of_bearer(request: HttpRequest) -> Actor:
    """Who acts by the header `Authorization: Bearer SECRET`; ANONYMOUS where that is missing or worth
    nothing."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    found = actor_of_key(secret.strip()) if kind.lower() == "bearer" else None
    return found or ANONYMOUS
