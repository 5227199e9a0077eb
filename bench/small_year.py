"""A small organisation: 2,000 events a day for a year, through door, flushes and compaction.

    python bench/small_year.py [--days 365] [--measures funnel flow variants blueprint] [--starts 3]

Then how many files there are, and how long each measure takes as the first thing asked of a process which
has started as a server starts: when nobody has asked before, and in a new process afterwards.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from batches import CONTENT_TYPE
from installation import fresh_home, machine, towpath
from report import tell

EVENTS_A_DAY = 2_000
FLUSHES_A_DAY = 2
TAIL_EVENTS = 42
"""As many come, evenly spread, in the half hour that the tail may grow old: a flush each."""
MEASURES = ("funnel", "flow", "variants", "blueprint")
STEPS = ("viewed", "cart.filled", "checkout.begun", "checkout.paid")
JOURNEY = """\
key: purchase
name: Purchase
follows: customer
window: 30d
steps:
""" + "".join(
    f"  - {{key: s{at}, name: Step {at}, match: {{type: {name}}}}}\n" for at, name in enumerate(STEPS)
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--measures", choices=MEASURES, nargs="+", default=MEASURES)
    parser.add_argument("--starts", type=int, default=3, help="new processes that each measure is asked in")
    parser.add_argument("--ask", choices=MEASURES, help="in a home that is there: what one measure takes")
    given = parser.parse_args()
    if given.ask:
        sys.stdout.write(str(measured(given.ask)))
        return
    with fresh_home() as home:
        (home / "journey.yaml").write_text(JOURNEY)
        begun = time.perf_counter()
        figures = lived_through(given.days)
        figures["seconds to take it all in"] = time.perf_counter() - begun
        towpath("journeys", "apply", str(home / "journey.yaml"))
        for name in given.measures:
            figures[f"{name}: ms for the first time of all"] = cold(name) * 1000
            figures[f"{name}: ms in a new process"] = median(cold(name) for _ in range(given.starts)) * 1000
        tell("small_year", machine(), figures)


def lived_through(days: int) -> dict[str, object]:
    import django

    django.setup()
    from towpath.events.store import lake

    chance = random.Random(1)  # noqa: S311 (no secret)
    start = datetime.now(UTC) - timedelta(days=days)
    for day in range(days):
        for part in range(FLUSHES_A_DAY):
            begin = start + timedelta(days=day, hours=24 / FLUSHES_A_DAY * part)
            _take_in(begin, EVENTS_A_DAY // FLUSHES_A_DAY, chance)
        lake().compact(force=True)
    body = len(lake().snapshot().files)
    for each in range(TAIL_EVENTS):
        _take_in(datetime.now(UTC) - timedelta(minutes=30 - each / 2), 1, chance)
    snapshot = lake().snapshot()
    return {
        "events": snapshot.rows,
        "files after a compaction": body,
        "files before the next": len(snapshot.files),
    }


def _take_in(begin: datetime, count: int, chance: random.Random) -> None:
    """Accept and flush so many events of the half day from `begin`."""
    from towpath.events.accepting import Sent, accept
    from towpath.events.flushing import flush
    from towpath.events.store import inbox, lake
    from towpath.foundation.access.actor import OPERATOR

    events = [_event(begin + timedelta(seconds=at * 43_200 / count), chance) for at in range(count)]
    taken = accept(OPERATOR, Sent(json.dumps(events).encode(), {"content-type": CONTENT_TYPE}))
    if taken.accepted != count:
        raise AssertionError(f"{taken.accepted} of {count} events were accepted.")
    flush(inbox(), lake())


def _event(when: datetime, chance: random.Random) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": f"{when.timestamp():.6f}-{chance.getrandbits(40):x}",
        "source": "shop",
        "type": chance.choices(STEPS, (8, 4, 2, 1))[0],
        "time": min(when, datetime.now(UTC)).isoformat(),
        "subject": f"account:{chance.randrange(10_000)}",
        "channel": chance.choice(("web", "app")),
        "component": chance.choice(("catalogue", "basket", "payment")),
        "latencyms": round(chance.lognormvariate(5, 1), 1),
        "data": {"basket": chance.randrange(9)},
    }


def cold(name: str) -> float:
    """Seconds of one measure, beyond start-up, in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--ask", name]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def measured(name: str) -> float:
    import django

    from towpath.foundation.operations.lean import leave_out_pandas

    leave_out_pandas()
    django.setup()
    from django.urls import get_resolver

    from towpath.analytics.warm import warm
    from towpath.foundation.access.actor import OPERATOR
    from towpath.journeys.measures.selection import Selection
    from towpath.journeys.queries import blueprints, funnels, paths

    _ = get_resolver().url_patterns  # a server has loaded its pages and kernels before anybody asks
    warm()
    ask = {
        "funnel": funnels.funnel,
        "flow": paths.flow,
        "variants": paths.variants,
        "blueprint": blueprints.blueprint,
    }[name]
    begun = time.perf_counter()
    ask(OPERATOR, "purchase", Selection())
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
