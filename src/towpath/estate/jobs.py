"""Work of the estate that a worker does in the background."""

from __future__ import annotations

from django.utils import timezone

from towpath.estate.actions.exposures import hold_against_advisories
from towpath.estate.actions.scanning import scan
from towpath.estate.observing import observe
from towpath.estate.queries.ranges import due, stands
from towpath.estate.sources.scanning import ScanFailed
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


@job(attempts=1, timeout=7 * 3_600)
def scan_range(name: str) -> int:
    """Look at an authorised range; returns the discovery's number, 0 where the scan failed (the range says
    why)."""
    try:
        return scan(BY_ITSELF, name).pk
    except ScanFailed:
        return 0


@scheduled(every=60)
@job(attempts=1, timeout=60)
def scan_due_ranges() -> int:
    """Have every range looked at whose time has come; returns how many those are."""
    waiting = [name for name in due(BY_ITSELF, timezone.now()) if not stands(scan_range.module_path, name)]
    for name in waiting:
        scan_range.enqueue(name)
    return len(waiting)
