"""Which value of a field holds where sources disagree, and whether that is a conflict.

A decision holds before all; else the source whose word counts most; among equals the latest. All that the
others say stays and is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

DESCRIBED = ("port/", "address")
"""Fields so named are descriptions: each source words, or sees, its own part."""


class Said(msgspec.Struct, frozen=True):
    """What one source says now. `weight`: how much its word counts, the smaller the more."""

    source: str
    value: str
    weight: int
    last_seen: datetime


def holding(said: Sequence[Said], decided: str | None = None) -> str:
    """The value that holds; "" where nobody says anything."""
    if decided is not None:
        return decided
    ranked = sorted(said, key=lambda each: (each.weight, -each.last_seen.timestamp(), each.source))
    return ranked[0].value if ranked else ""


def disagree(field: str, said: Sequence[Said], decided: str | None = None) -> bool:
    """Whether sources say different things of which nobody has decided. Case and spaces tell nothing, nor
    does the domain behind a machine's name."""
    if decided is not None or field.startswith(DESCRIBED):
        return False
    return len({_alike(field, each.value) for each in said}) > 1


def _alike(field: str, value: str) -> str:
    text = " ".join(value.casefold().split())
    return text.partition(".")[0] if field == "name" and " " not in text and text[:1].isalpha() else text
