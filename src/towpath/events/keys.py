"""Whose story a subject's events belong to, where that is not its own key's: joined and parted customers.

Readers see a change at once (`moves`), new events come in under the key of today (`targets`), and compaction
brings the body up to date (`settle`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import numpy as np
from django.db import transaction
from django.db.models import Count, Max

from towpath.events.lake.moves import NO_MOVES, NO_TARGETS, Forgotten, KeyTargets, Moves, digest_of
from towpath.events.models import ForgottenKey, KeyChange, KeyTarget
from towpath.foundation.operations.home import home

BATCH = 500
MANY_CHANGES = 1_000
LONGEST_WAIT_S = 900.0
SETTLED_AT_ONCE = 50_000
"""Changes that one compaction takes: their events are held in memory."""

T = TypeVar("T")


@dataclass(frozen=True)
class _Known:
    newest: int = 0
    count: int = 0
    targets: KeyTargets = NO_TARGETS


_known = _Known()
_waiting_since: float | None = None
_lock = threading.Lock()


def set_keys(keys: Mapping[int, int]) -> None:
    """From now on the events of each subject (own key) belong to the story of the customer with that key.

    Its own key parts it again. Call it inside the transaction that joins or parts the customers.
    """
    for some in _batches(list(keys.items())):
        wanted = dict(some)
        today = dict(KeyTarget.objects.filter(own__in=wanted).values_list("own", "key"))
        changed = {own: key for own, key in wanted.items() if today.get(own, own) != key}
        if not changed:
            continue
        made = KeyChange.objects.bulk_create(
            [KeyChange(own=own, before=today.get(own, own)) for own in changed]
        )
        KeyTarget.objects.bulk_create(
            [KeyTarget(own=each.own, key=changed[each.own], change=each.pk) for each in made],
            update_conflicts=True,
            unique_fields=["own"],
            update_fields=["key", "change"],
        )


def key_of(own: int) -> int:
    """The key under which a subject's events are found today."""
    found = KeyTarget.objects.filter(own=own).values_list("key", flat=True).first()
    return own if found is None else found


def moves() -> Moves:
    """What the lake's body does not show yet."""
    return _moves(KeyChange.objects.values_list("own", "before"))


def targets() -> KeyTargets:
    """Under which keys events come in. Asked while a lock of the lake is held, so that nothing slips by."""
    global _known  # noqa: PLW0603 (one copy a process: there may be millions)
    rows = KeyTarget.objects.aggregate(newest=Max("change"), count=Count("own"))
    newest, count = rows["newest"] or 0, rows["count"]
    with _lock:
        if (_known.newest, _known.count) != (newest, count):
            fresh = _read_targets(after=_known.newest)
            merged = _merged(_known.targets, fresh)
            # Where rows were taken away, what is known is of no use.
            whole = merged if len(merged.own) == count else _read_targets(after=0)
            _known = _Known(newest, count, whole)
        return _known.targets


def _read_targets(after: int) -> KeyTargets:
    found = KeyTarget.objects.filter(change__gt=after).order_by("own").values_list("own", "key")
    rows = np.array(list(found.iterator(50_000)), np.int64).reshape(-1, 2)
    return KeyTargets(rows[:, 0].copy(), rows[:, 1].copy())


def _merged(known: KeyTargets, fresh: KeyTargets) -> KeyTargets:
    """Both, `fresh` before `known` where they tell of the same."""
    own = np.concatenate([fresh.own, known.own])
    unique, first = np.unique(own, return_index=True)
    return KeyTargets(unique, np.concatenate([fresh.key, known.key])[first])


def due() -> bool:
    """Whether enough has changed, or has waited long enough, to be worth rewriting the body. Until then
    readers put events under the keys of today themselves."""
    global _waiting_since  # noqa: PLW0603 (a clock of this process)
    waiting = KeyChange.objects.order_by("pk")[: MANY_CHANGES + 1].count()
    if not waiting:
        _waiting_since = None
        return False
    _waiting_since = _waiting_since or time.monotonic()
    return waiting > MANY_CHANGES or time.monotonic() - _waiting_since > LONGEST_WAIT_S


def rounds() -> int:
    """How often `pending` has to be settled until what is pending now is."""
    return -(-KeyChange.objects.count() // SETTLED_AT_ONCE)


def pending() -> tuple[Moves, list[int]]:
    """Changes to bring into the body next, and their ids for `settle`."""
    rows = list(KeyChange.objects.order_by("pk").values_list("pk", "own", "before")[:SETTLED_AT_ONCE])
    return _moves((own, before) for _pk, own, before in rows), [pk for pk, _own, _before in rows]


def settle(changes: Iterable[int]) -> None:
    """The body shows these changes now."""
    global _waiting_since  # noqa: PLW0603 (a clock of this process)
    _waiting_since = None
    for some in _batches(list(changes)):
        with transaction.atomic():
            KeyChange.objects.filter(pk__in=some).delete()


def forget_keys(own: Iterable[int], at: datetime) -> None:
    """What happened to these subjects (own keys) up to then does not come into the lake again."""
    secret = _secret()
    for some in _batches([ForgottenKey(digest=digest_of(key, secret), at=at) for key in set(own)]):
        ForgottenKey.objects.bulk_create(
            some, update_conflicts=True, unique_fields=["digest"], update_fields=["at"]
        )


def drop_targets(own: Iterable[int]) -> None:
    """Nothing of these subjects (own keys) is in the lake: should they ever come again, they are new."""
    for some in _batches(list(own)):
        with transaction.atomic():
            KeyChange.objects.filter(own__in=some).delete()
            KeyTarget.objects.filter(own__in=some).delete()


def token_of(own: int) -> int:
    """What may stand for a subject where nobody shall find out who it was: a keyed hash of the own key."""
    return digest_of(own, _secret())


def forgotten() -> Forgotten:
    """Whose events do not come in."""
    rows = ForgottenKey.objects.values_list("digest", "at")
    return Forgotten({digest: int(at.timestamp() * 1_000_000) for digest, at in rows}, _secret())


def _secret() -> bytes:
    return home().secret("forgotten").encode()[:64]


def _moves(changes: Iterable[tuple[int, int]]) -> Moves:
    before = list(changes)
    if not before:
        return NO_MOVES
    today = {own: own for own, _before in before}
    for some in _batches(list(today)):
        today |= dict(KeyTarget.objects.filter(own__in=some).values_list("own", "key"))
    return Moves.of(today, [key for _own, key in before])


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(rows), BATCH):
        yield rows[first : first + BATCH]
