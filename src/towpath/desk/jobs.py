"""Work of the desk that a worker does in the background."""

from __future__ import annotations

from django.utils import timezone

from towpath.desk import polling, shelves
from towpath.desk.noting import TICKETS
from towpath.events.lake.errors import LakeBusy
from towpath.events.store import in_turn
from towpath.foundation.access.actor import Actor
from towpath.foundation.jobs.declaring import job, loop, scheduled

BY_ITSELF = Actor("operator", name="connections")


@job(attempts=1, timeout=1_800)
def poll_connection(connection_id: int) -> int:
    """Fetch what changed at one helpdesk; returns the number of tickets."""
    return polling.poll(BY_ITSELF, connection_id)


@scheduled(every=60)
@job(attempts=1, timeout=60)
def poll_connections() -> int:
    """Have every helpdesk looked at whose time has come; returns how many those are."""
    waiting = polling.due(timezone.now())
    for connection_id in waiting:
        poll_connection.enqueue(connection_id)
    return len(waiting)


@loop(every=60)
def tidy_histories() -> None:
    """Remove what this node keeps from before the last forgetting."""
    shelves.tidy()


@scheduled(every=60)
@job(attempts=3, timeout=3_600)
def refresh_tickets() -> int:
    """Read into tickets what came in; returns how many were written. Of several, one reads: what is noted
    meanwhile waits for the next, so that nobody writes what is older."""
    # Here, as kernels take long to load, and most commands do not need them.
    from towpath.desk.following import refresh_noted

    try:
        with in_turn(TICKETS, 0):
            return refresh_noted()
    except LakeBusy:
        return 0
