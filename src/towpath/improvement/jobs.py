"""Work on findings that a worker does in the background."""

from __future__ import annotations

import threading
import time

from django.utils import timezone

from towpath.foundation.jobs.declaring import job, loop
from towpath.improvement.actions.sending import send
from towpath.improvement.rules.telling import FIRST_PAUSE_S, MOST_TRIES

REST = 2.0
"""After a look that took so and so long, the next waits twice as long: others need the processor too."""
_looked_at: list[object] = []
_rests_until: list[float] = []
_looking = threading.Lock()


@loop(every=1)
def look_again() -> bool:
    """Look at the lake once it, a journey, a rule or the date is another; whether that was so.

    What comes in while a look lasts is seen by the next one, so that looks never queue up.
    """
    if not _looking.acquire(blocking=False):
        return False
    try:
        if _rests_until and time.monotonic() < _rests_until[0]:
            return False
        # Here, as kernels and statistics take long to load, and most commands need neither.
        from towpath.improvement.queries.looks import state

        now = state()
        if _looked_at == [now]:
            return False
        from towpath.improvement.actions.detecting import refresh

        took = refresh(timezone.now()).took_s
        _looked_at[:] = [now]
        _rests_until[:] = [time.monotonic() + REST * took]
        return True
    finally:
        _looking.release()


@job(attempts=MOST_TRIES, timeout=60, pause=FIRST_PAUSE_S)
def tell(delivery_id: int) -> bool:
    """Tell one receiver of one thing; what does not arrive is tried again with growing pauses."""
    return send(delivery_id)
