"""Where histories are kept beside the lake, and when they must go.

What is kept names people. So it goes by a *state of forgetting*: while somebody is being forgotten nothing is
kept, and what was kept before is no longer found, on any node. Removing any of it is harmless.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import xxhash
from django.db.models import Count, Max

from towpath.customers.models import OpenForgetting
from towpath.events.models import ForgottenKey
from towpath.foundation.operations.drafts import ENDING
from towpath.foundation.operations.home import home


def shelves() -> Path:
    """`histories/<source>/<name of a history>/`, see `measures.shelf`."""
    return home().root / "histories"


def shelf_of(source: str) -> Path:
    return shelves() / xxhash.xxh3_64_hexdigest(source.encode())


def state_of_forgetting() -> str:
    """Stands for all who were forgotten so far; empty while somebody is being forgotten."""
    if OpenForgetting.objects.exclude(keys=[]).exists():
        return ""
    gone = ForgottenKey.objects.aggregate(count=Count("digest"), last=Max("at"))
    return xxhash.xxh3_64_hexdigest(f"{gone['count']} {gone['last']}".encode())


def clear() -> int:
    """Remove all that is kept; returns of how many sources."""
    kept = list(shelves().glob("*"))
    for each in kept:
        shutil.rmtree(each, ignore_errors=True)
    return len(kept)


def clear_others(kept: Path) -> None:
    """Remove what else was kept of the source."""
    for old in kept.parent.glob("*"):
        if old != kept and old.suffix != ENDING:
            shutil.rmtree(old, ignore_errors=True)


def tidy() -> int:
    """Remove what was kept before the last forgetting, maybe on another node; returns how many histories."""
    state = state_of_forgetting()
    gone = [each for each in shelves().glob("*/*") if not state or not each.name.endswith(f"-{state}")]
    for each in gone:
        shutil.rmtree(each, ignore_errors=True)
    return len(gone)
