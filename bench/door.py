"""How fast events come in: real server, worker and senders on this machine.

    python bench/door.py [--seconds 60] [--senders 4] [--rate 33000] [--rounds 5]

With `--rate 0` senders send as fast as they are answered. Afterwards, in this process: what a repeated batch
costs beside a fresh one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from statistics import median
from typing import Any

from batches import BATCH_EVENTS, CONTENT_TYPE, Bodies
from installation import Running, cpu_seconds, fresh_home, machine, running, towpath
from report import percentile, tell

LOOK_EVERY_S = 1.0
GIVES_UP_AFTER_S = 300.0
BATCHES_A_FLUSH = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to send")
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--rate", type=float, default=33_000, help="events a second of all; 0: no limit")
    parser.add_argument("--rounds", type=int, default=5, help="of fresh and repeated flushes")
    given = parser.parse_args()
    with fresh_home() as home:
        tell("door", machine(), sustained(home, given.seconds, given.senders, given.rate))
        tell("repeats", machine(), repeats(given.rounds))


def sustained(home: Path, seconds: float, senders: int, rate: float) -> dict[str, object]:
    key = towpath("keys", "create", "bench", "--scope", "events:write")
    with running() as installation:
        sending = [_sender(installation.port, key, each, seconds, rate / senders) for each in range(senders)]
        before = _used(installation)
        waiting: list[int] = []
        stop = threading.Event()
        watch = threading.Thread(target=_watch, args=(home / "inbox.sqlite3", waiting, stop))
        watch.start()
        begun = time.perf_counter()
        for sender in sending:
            _say(sender, "go")
        told = [json.loads(sender.communicate()[0]) for sender in sending]
        sent = time.perf_counter()
        ms = [each for one in told for each in one["ms"]]
        events = len(ms) * BATCH_EVENTS
        _await_rows(events + senders * BATCH_EVENTS)  # each has sent one batch before it began
        seen = time.perf_counter()
        stop.set()
        watch.join()
        used = [after - was for after, was in zip(_used(installation), before, strict=True)]
    return {
        "events": events,
        "seconds of sending": sent - begun,
        "events/s accepted": events / (sent - begun),
        "events/s until they can be queried": events / (seen - begun),
        "seconds until the last can be queried": seen - sent,
        "answer p50 ms": percentile(ms, 0.5),
        "answer p95 ms": percentile(ms, 0.95),
        "answer p99 ms": percentile(ms, 0.99),
        "CPU s of senders": sum(one["cpu"] for one in told),
        "CPU s of web": used[0],
        "CPU s of worker": used[1],
        "most events waiting": max(waiting, default=0),
        "events waiting, each tenth": waiting[:: max(len(waiting) // 10, 1)],
        "not accepted": [str(one["failures"]) for one in told if one["failures"]],
    }


def _sender(port: int, key: str, number: int, seconds: float, rate: float) -> subprocess.Popen[str]:
    script = str(Path(__file__).parent / "sender.py")
    command = [sys.executable, script, str(port), str(number), str(seconds), str(rate / BATCH_EVENTS)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    _say(process, key)
    if process.stdout is None or process.stdout.readline() != "ready\n":
        raise RuntimeError("A sender did not start; its message stands above.")
    return process


def _say(process: subprocess.Popen[str], line: str) -> None:
    if process.stdin is not None:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()


def _used(installation: Running) -> tuple[float, float]:
    return cpu_seconds(installation.web.pid), cpu_seconds(installation.worker.pid)


def _watch(path: Path, waiting: list[int], stop: threading.Event) -> None:
    """Note how many events wait, each second."""
    while not stop.wait(LOOK_EVERY_S):
        if path.exists():
            with closing(connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
                waiting.append(connection.execute("select events from fill").fetchone()[0])


def _await_rows(events: int) -> None:
    """Returns when a reader of the lake sees that many. Raises TimeoutError."""
    lake, end = _lake(), time.monotonic() + GIVES_UP_AFTER_S
    while (rows := lake.snapshot().rows) < events:
        if time.monotonic() > end:
            raise TimeoutError(f"Of {events:,} accepted events {rows:,} can be queried; does the worker run?")
        time.sleep(0.1)


def _lake() -> Any:
    import django

    django.setup()
    from towpath.events.store import lake

    return lake()


def repeats(rounds: int) -> dict[str, object]:
    """Medians over rounds of one flush each: fresh batches, then the same batches again."""
    took: dict[str, list[float]] = {name: [] for name in ("door", "flush", "door again", "flush again")}
    bodies = Bodies(sender=1_000)
    for each in range(rounds):
        sent = [bodies.body(each * BATCHES_A_FLUSH + number) for number in range(BATCHES_A_FLUSH)]
        for door, flush in (("door", "flush"), ("door again", "flush again")):
            in_door, in_flush = _once(sent)
            took[door].append(in_door)
            took[flush].append(in_flush)
    ms = {name: median(values) * 1000 for name, values in took.items()}
    ratios = [again / fresh for fresh, again in zip(*map(_whole(took), ("", " again")), strict=True)]
    return {
        "events a flush": BATCHES_A_FLUSH * BATCH_EVENTS,
        "ms in the door, fresh": ms["door"],
        "ms in the door, repeated": ms["door again"],
        "ms in the flush, fresh": ms["flush"],
        "ms in the flush, repeated": ms["flush again"],
        "repeated : fresh, both together": median(ratios),
    }


def _whole(took: dict[str, list[float]]) -> Any:
    return lambda which: [sum(both) for both in zip(took[f"door{which}"], took[f"flush{which}"], strict=True)]


def _once(bodies: list[bytes]) -> tuple[float, float]:
    """Seconds in the door and in the flush of these batches, in this process."""
    lake = _lake()
    from towpath.events.accepting import Sent, accept
    from towpath.events.flushing import flush
    from towpath.events.store import inbox
    from towpath.foundation.access.actor import OPERATOR

    begun = time.perf_counter()
    for body in bodies:
        accept(OPERATOR, Sent(body, {"content-type": CONTENT_TYPE}))
    accepted = time.perf_counter()
    while inbox().fill().events:
        flush(inbox(), lake)
    return accepted - begun, time.perf_counter() - accepted


if __name__ == "__main__":
    main()
