"""News goes up: a lower area announces a typed fact in its transaction, a higher area handles it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec
from django.db import connection

from towpath.foundation.outbox.models import OutboxMessage


class Announcement(msgspec.Struct, frozen=True):
    """Base of all announcements: a fact in the past tense ("JourneyApplied"), small, JSON-able."""


A = TypeVar("A", bound=Announcement)
Handler = Callable[[A], None]

_listeners: dict[type[Announcement], list[Handler[Announcement]]] = {}


def handles(kind: type[A]) -> Callable[[Handler[A]], Handler[A]]:
    """Register a function of a `handlers.py`. It may run more than once for one fact, so it must not mind."""

    def register(handler: Handler[A]) -> Handler[A]:
        _listeners.setdefault(kind, []).append(handler)  # type: ignore[arg-type]
        return handler

    return register


def name_of(handler: Callable[..., None]) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"


def announce(fact: Announcement) -> None:
    """Leave the fact for each of its listeners. Raises RuntimeError outside a transaction."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{type(fact).__name__} was announced outside a transaction")
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            announcement=type(fact).__name__, listener=name_of(handler), body=msgspec.to_builtins(fact)
        )
        for handler in _listeners.get(type(fact), [])
    )


def listeners() -> dict[type[Announcement], list[Handler[Announcement]]]:
    """Who listens to what."""
    return _listeners
