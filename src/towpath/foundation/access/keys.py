"""Secrets of API keys: how one is drawn, what is kept of it, and whose it is.

What is kept is SHA-256 of the secret, without salt or stretching. Those defend secrets that people choose,
which
can be guessed; this one holds 256 random bits, which nobody guesses, and each request can find its row by
the digest.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from towpath.foundation.access.actor import ANONYMOUS, Actor
from towpath.foundation.access.models import ApiKey

OPENING = "towpath_"
"""What every secret starts with, so that scanners for leaked secrets can know one when they see it."""
NOTE_USE_EVERY = timedelta(minutes=1)
"""`last_used_at` is that coarse, so that reading the API does not write the records each time."""


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


def actor_of_key(secret: str) -> Actor | None:
    """Who acts with this secret; None where it is unknown, revoked or expired, or its owner's account
    closed."""
    now = timezone.now()
    key = (
        ApiKey.objects.filter(digest=digest_of(secret), revoked_at=None)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .select_related("owner")
        .first()
    )
    if key is None or (key.owner is not None and not key.owner.is_active):
        return None
    if key.last_used_at is None or now - key.last_used_at > NOTE_USE_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
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
