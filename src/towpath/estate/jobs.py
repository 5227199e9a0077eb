"""Work of the estate that a worker does in the background."""

from __future__ import annotations

from towpath.estate.actions.exposures import hold_against_advisories
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


@scheduled(every=24 * 3_600)
@job(attempts=1, timeout=1_800)
def hold_libraries_against_advisories() -> int:
    """Find anew which libraries are weak: a deadline may have passed, an advisory may have come in. Returns
    how many exposures are new."""
    return hold_against_advisories(BY_ITSELF)
