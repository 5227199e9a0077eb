"""Forgetting a person: every area says how it takes somebody out of what it keeps."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from django.db import connection, models

from towpath.foundation.operations.blotting import Names


@dataclass(frozen=True)
class Person:
    """Who is to be forgotten.

    `identifiers`: as received ("mail:a@b.example"). `keys`: under which events may lie. `at`: what happened
    up to then must not come back.
    """

    identifiers: tuple[str, ...]
    keys: frozenset[int]
    at: datetime

    @property
    def names(self) -> Names:
        """What names them."""
        return Names.of(self.identifiers)


Eraser = Callable[[Person], int]

_erasers: dict[str, tuple[Turn, Eraser]] = {}


class Turn(IntEnum):
    """In which order places are looked through: what flows goes before where it flows to."""

    GATE = 0
    ON_THE_WAY = 1
    KEPT = 2
    WHO_IS_WHO = 3
    LAST = 4
    DONE = 5


def erases(place: str, turn: Turn = Turn.ON_THE_WAY) -> Callable[[Eraser], Eraser]:
    """Register a function that takes a person out of `place` ("quarantine") and returns how many pieces it
    removed or blotted out. It runs again after a kill, so it must not mind."""

    def register(eraser: Eraser) -> Eraser:
        _erasers[place] = (turn, eraser)
        return eraser

    return register


def places() -> list[str]:
    """Every place, in the order in which they are looked through."""
    return sorted(_erasers, key=lambda place: _erasers[place][0])


def erase_everywhere(person: Person) -> dict[str, int]:
    """What was removed, by place. The records' own file may keep traces of it until `scrub_records`."""
    return {place: _erasers[place][1](person) for place in places()}


def blot_column(model: type[models.Model], field: str, names: Names) -> int:
    """Blot out what names them in a column of texts or JSON; returns in how many rows that was."""
    gone = 0
    for pk, held in model._default_manager.values_list("pk", field).iterator():
        text = held if isinstance(held, str) else json.dumps(held, ensure_ascii=False)
        if names.are_in(text):
            blotted = names.blotted(text)
            kept = blotted if isinstance(held, str) else json.loads(blotted)
            model._default_manager.filter(pk=pk).update(**{field: kept})
            gone += 1
    return gone


def scrub_records() -> bool:
    """Free pages and journals hold what was deleted until they are written over: do that now.

    False where somebody kept it from being done to the end; the same again finishes it.
    """
    if connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            cursor.execute("VACUUM")
            return True
        whole = True
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            cursor.execute(statement)
            if statement != "VACUUM":
                busy, _pages, _written = cursor.fetchone()
                whole = not busy
        return whole
