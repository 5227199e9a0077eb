"""Work of the estate that a worker does in the background."""

from __future__ import annotations

from towpath.estate.observing import observe
from towpath.foundation.access.actor import Actor
from towpath.foundation.jobs.declaring import job, scheduled

BY_ITSELF = Actor("operator", name="estate")


@scheduled(every=6 * 3_600)
@job(attempts=1, timeout=1_800)
def observe_events() -> int:
    """Take in what events name; returns how many items that are."""
    found = observe(BY_ITSELF)
    return found.items if found else 0
