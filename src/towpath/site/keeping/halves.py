"""A restore that was broken off leaves a mark in the home: nothing may start on half of what there was."""

from __future__ import annotations

from pathlib import Path

from towpath.foundation.operations.environment import BadSetting
from towpath.foundation.operations.home import Home

HALF = ".restoring"


def mark_of(home: Home) -> Path:
    """The folder in which a restore gathers what it brings; gone when all is in its place."""
    return home.root / HALF


def refuse_half_restored(home: Home) -> None:
    """Raises BadSetting where a restore did not come to its end."""
    if mark_of(home).exists():
        raise BadSetting(
            f"A restore into {home.root} was broken off: only a part of it is there. "
            "Empty that folder and give `towpath restore` again."
        )
