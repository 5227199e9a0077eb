"""Work on findings that a worker does in the background."""

from __future__ import annotations

import threading
import time
from datetime import date

from django.db.models import Max
from django.utils import timezone

from towpath.events.store import lake
from towpath.foundation.jobs.declaring import job, loop
from towpath.foundation.operations.home import home
from towpath.improvement.actions.sending import send
from towpath.improvement.rules.telling import FIRST_PAUSE_S, MOST_TRIES
from towpath.journeys.models import JourneyVersion

State = tuple[int, int, date, tuple[int, ...]]
RULES = ("harm.yaml", "prices.yaml")
REST = 2.0
"""After a look that took so and so long, the next waits twice as long: others need the processor too."""
_looked_at: list[State] = []
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
        state = _state()
        if _looked_at == [state]:
            return False
        # Here, as the statistics take longer to load than a worker's other loops may wait for.
        from towpath.improvement.actions.detecting import refresh

        took = refresh(timezone.now()).took_s
        _looked_at[:] = [state]
        _rests_until[:] = [time.monotonic() + REST * took]
        return True
    finally:
        _looking.release()


def _state() -> State:
    """What figures follow from: another one, other figures."""
    newest = JourneyVersion.objects.aggregate(newest=Max("pk"))["newest"] or 0
    files = [home().root / name for name in RULES]
    changed = tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
    return lake().snapshot().version, newest, timezone.localdate(), changed


@job(attempts=MOST_TRIES, timeout=60, pause=FIRST_PAUSE_S)
def tell(delivery_id: int) -> bool:
    """Tell one receiver of one thing; what does not arrive is tried again with growing pauses."""
    return send(delivery_id)
