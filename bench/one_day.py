"""One more day, late events too, in a lake of 20 million events and in one of 100 million.

    python bench/one_day.py [--events 20000000 100000000] [--keep FOLDER ...]

The same 220,000 events of the same customers come in through the inbox each time, a tenth of them up to a
month late; then the tail is put into the body. A copy of the lake is worked on: `--keep` names a folder for
each size, as of journeys.py.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from installation import machine
from journey_events import BEGIN_US, DAY_US, DAYS, parts, table_of
from report import tell

from journeys import EVENTS, loaded

DAY_EVENTS, BATCH, LATE, LATE_DAYS = 220_000, 500, 0.1, 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, nargs="+", default=[EVENTS, 5 * EVENTS])
    parser.add_argument("--keep", type=Path, nargs="+", default=[], help="folders for the data, one a size")
    parser.add_argument("--come-in", type=Path, help="in a home that is there: seconds of one day")
    given = parser.parse_args()
    if given.come_in:
        come_in(given.come_in)
        return
    figures: dict[str, object] = {}
    took = []
    for place, events in enumerate(given.events):
        folder = given.keep[place] if place < len(given.keep) else None
        took.append(one_size(events, folder))
        figures |= {f"{events:,}: {name}": value for name, value in took[-1].items()}
    figures |= {f"{name}, largest : smallest": took[-1][name] / took[0][name] for name in took[0]}
    tell("one_day", machine(), figures)


def one_size(events: int, kept: Path | None) -> dict[str, float]:
    """Seconds of each part of the day's coming in, in a copy of a lake of so many events."""
    folder = kept or Path(tempfile.mkdtemp(prefix="towpath-bench-"))
    copy = Path(tempfile.mkdtemp(prefix="towpath-bench-"))
    try:
        loaded(folder, events, alone=True)
        shutil.copytree(folder / "home" / "lake", copy / "lake")
        command = [sys.executable, str(Path(__file__)), "--come-in", str(copy)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        flushing, compacting = map(float, told.split())
        return {"flushed, s": flushing, "put into the body, s": compacting, "both, s": flushing + compacting}
    finally:
        shutil.rmtree(copy, ignore_errors=True)
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def come_in(home: Path) -> None:
    os.environ |= {"TOWPATH_HOME": str(home), "DJANGO_SETTINGS_MODULE": "towpath.site.settings"}
    import django

    django.setup()
    from towpath.events.flushing import flush
    from towpath.events.inbox import Inbox
    from towpath.events.lake import Lake
    from towpath.foundation.operations.home import Home

    place = Home(home)
    place.prepare()
    inbox, lake = Inbox(place.inbox), Lake(place.lake)
    for batch in one_day().to_batches(BATCH):
        inbox.accept(batch)
    begun = time.perf_counter()
    while inbox.fill().events:
        flush(inbox, lake)
    flushed = time.perf_counter()
    lake.compact(force=True)
    sys.stdout.write(f"{flushed - begun} {time.perf_counter() - flushed}\n")


def one_day() -> pa.Table:
    """Events of the day after all others, from customers who are there already; a tenth comes late."""
    part = next(parts(DAY_EVENTS * 10))
    chance = np.random.default_rng(7)
    table = table_of(part, 0)
    table = table.take(pa.array(np.sort(chance.choice(len(table), DAY_EVENTS, replace=False))))
    when = BEGIN_US + DAYS * DAY_US + chance.integers(0, DAY_US, len(table))
    late = chance.random(len(table)) < LATE
    when[late] -= chance.integers(0, LATE_DAYS * DAY_US, int(late.sum()))
    order = np.argsort(when, kind="stable")
    ids = pa.array([f"day-{number}" for number in range(len(table))])
    fresh = {
        "id": ids,
        "seq": pa.array(np.arange(len(table))),
        "time": pa.array(when[order], pa.timestamp("us", tz="UTC")),
        "received": pa.array(when[order], pa.timestamp("us", tz="UTC")),
    }
    for name, column in fresh.items():
        table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), column)
    return table


if __name__ == "__main__":
    main()
