"""Work on journeys that a worker does in the background."""

from __future__ import annotations

import contextlib
import time

from towpath.foundation.jobs.declaring import job, loop, scheduled
from towpath.foundation.operations.home import home
from towpath.journeys.standing import keep_figures

DAY = 24 * 3600
KEEP_UNREAD = 30 * DAY
"""Codes of a journey's version that nobody looked at for so long are made anew when somebody does."""


@loop(every=1)
def keep_standing_figures() -> int:
    """Make figures anew that stand for an older state of the lake; returns how many."""
    return keep_figures()


@scheduled(every=DAY)
@job(attempts=2)
def clear_codes() -> int:
    """Remove codes and stories that nobody reads, and drafts that a killed process left; returns how many.

    Removing any is harmless: they are made again from the events.
    """
    removed = 0
    now = time.time()
    folders = [home().root / name for name in ("codes", "stories")]
    for file in [found for folder in folders for found in folder.rglob("*") if found.is_file()]:
        with contextlib.suppress(FileNotFoundError):
            seen = max(file.stat().st_atime, file.stat().st_mtime)
            if seen < now - (DAY if file.suffix == ".draft" else KEEP_UNREAD):
                file.unlink()
                removed += 1
    below = [found for folder in folders for found in folder.rglob("*") if found.is_dir()]
    for emptied in sorted(below, reverse=True):
        # Not empty, or gone: both are as they should be.
        with contextlib.suppress(OSError):
            emptied.rmdir()
    return removed
