"""Until when the release cycle of a version is mended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from towpath.estate.advisories.marks import Cycle


def cycle_of(version: str, cycles: Iterable[Cycle]) -> Cycle | None:
    """The narrowest cycle that the version is of: 4.2.1 is of 4.2, not of 4."""
    mine = [each for each in cycles if version == each.cycle or version.startswith(f"{each.cycle}.")]
    return max(mine, key=lambda each: len(each.cycle), default=None)


def has_ended(each: Cycle, today: date) -> bool:
    """Whether it is mended no more."""
    return each.ended or (each.ends is not None and each.ends <= today)
