"""What a killed process was doing: accept, flush, compact, clear, again and again. Run as a script.

    python mill.py HOME SENDER SECONDS

Each line on standard output names a batch that was accepted, after it was.
"""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import timedelta
from pathlib import Path

from lake_rows import batch, event

BATCH_EVENTS = 20


def named(sender: str, number: int) -> list[str]:
    return [f"{sender}-{number}-{place}" for place in range(BATCH_EVENTS)]


def main(home: Path, sender: str, seconds: float) -> None:
    os.environ["TOWPATH_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "towpath.site.settings"
    import django

    django.setup()
    from towpath.events import flushing
    from towpath.events.store import inbox, lake

    flushing.FLUSH_SECONDS = 0.0
    chance = random.Random(sender)
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for _ in range(chance.randint(1, 3)):
            # A sender that has not heard sends again, and one that has may do so too.
            again = number > 0 and chance.random() < 0.3
            at = chance.randrange(number) if again else number
            ids = named(sender, at)
            inbox().accept(batch([event(at * 7 + place, id=each) for place, each in enumerate(ids)]))
            sys.stdout.write(f"{sender} {at}\n")
            sys.stdout.flush()
            number += not again
        flushing.flush_when_due(inbox(), lake())
        if chance.random() < 0.3:
            lake().compact(force=True)
        if chance.random() < 0.1:
            lake().vacuum(timedelta(0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
