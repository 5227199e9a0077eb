"""Where histories are kept beside the lake, and when they must go.

What is kept names people. So it goes by a *state of forgetting*: while somebody is being forgotten nothing is
kept, and what was kept before is no longer found, on any node. Removing any of it is harmless.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import xxhash
from django.db.models import Count, Max

from towpath.customers.models import OpenForgetting
from towpath.events.models import ForgottenKey
from towpath.foundation.operations.drafts import ENDING
from towpath.foundation.operations.home import home

LONGEST_S = 86_400.0
"""For so long what is kept may hold events that retention took out."""


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
    """Remove what was kept before the last forgetting, maybe on another node, or for longer than LONGEST_S;
    returns how many histories."""
    state, oldest = state_of_forgetting(), time.time() - LONGEST_S
    gone = [each for each in shelves().glob("*/*") if _made(each) < oldest or not _is_of(each, state)]
    for each in gone:
        shutil.rmtree(each, ignore_errors=True)
    return len(gone)


def _is_of(kept: Path, state: str) -> bool:
    """Whoever is drawing one up looks at the state again when it is done."""
    return kept.suffix == ENDING or kept.name.endswith(f"-{state}")


def _made(folder: Path) -> float:
    """Seconds since 1970; of what is just being replaced, now."""
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return time.time()
