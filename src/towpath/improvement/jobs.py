"""Work on findings that a worker does in the background."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from towpath.events.lake.errors import LakeBusy
from towpath.events.store import in_turn
from towpath.foundation.jobs.declaring import job, loop
from towpath.improvement.actions.sending import send
from towpath.improvement.rules.telling import FIRST_PAUSE_S, MOST_TRIES

LOOK = "look"
"""The turn to look: one process at a time, on all nodes that share the records."""
REST = 2.0
"""After a look that took so and so long, the next waits twice as long: others need the processor too."""


@loop(every=1)
def look_again() -> bool:
    """Look at the lake once it, a journey, a rule or the date is another, or nothing came in for a while;
    whether that was so.

    What comes in while a look lasts is seen by the next one, so that looks never queue up. Of several workers
    one looks, and what it looked at the others need not.
    """
    if not _due():
        return False
    try:
        with in_turn(LOOK, 0):
            due = _due()
            if due:
                # Here, as kernels and statistics take long to load, and most commands need neither.
                from towpath.improvement.actions.detecting import refresh

                refresh(timezone.now(), due)
            return bool(due)
    except LakeBusy:
        return False


def _due() -> str:
    """What there is to look at now; "" where nothing changed, or the last look was just before."""
    from towpath.improvement.queries import looks

    now, last = timezone.now(), looks.latest()
    if last is not None and last.made_at <= now < _rested(last.made_at, last.took_s):
        return ""
    found = looks.state(now)
    return "" if last is not None and last.state == found else found


def _rested(made_at: datetime, took_s: float) -> datetime:
    return made_at + timedelta(seconds=(1 + REST) * took_s)


@job(attempts=MOST_TRIES, timeout=60, pause=FIRST_PAUSE_S)
def tell(delivery_id: int) -> bool:
    """Tell one receiver of one thing; what does not arrive is tried again with growing pauses."""
    return send(delivery_id)
