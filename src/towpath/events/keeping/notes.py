"""What is measured along the way, in small JSON files of the home. Losing them loses nothing."""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa

FOLDER = "keeping"
FLUSHES_KEPT = 120
"""About two minutes under load."""
DISK_EVERY_S = 1800.0
DISK_KEPT = 14 * 48
ENOUGH_S = 24 * 3600.0
ENOUGH_LOOKS = 6
DAY_S = 24 * 3600.0


@dataclass(frozen=True)
class Waited:
    """Seconds from acceptance until events could be queried, over the `events` of the last `flushes`."""

    median_s: float
    longest_s: float
    flushes: int
    events: int
    last: datetime


def note_flush(home: Path, received: pa.ChunkedArray) -> None:
    """Note how long these events waited, which can be queried from now on."""
    waited = time.time() - received.cast(pa.int64()).to_numpy() / 1e6
    if len(waited):
        row = [time.time(), len(waited), float(np.median(waited)), float(np.max(waited))]
        _write(home, "flushes", [*_read(home, "flushes"), row][-FLUSHES_KEPT:])


def waited(home: Path) -> Waited | None:
    """How long the events of the last flushes waited; None before any. The median is of the flushes' medians,
    each as often as it had events."""
    rows = _read(home, "flushes")
    if not rows:
        return None
    _at, counts, medians, longest = (np.array(column, float) for column in zip(*rows, strict=True))
    order = np.argsort(medians)
    middle = int(np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2))
    return Waited(
        max(float(medians[order][middle]), 0.0),
        max(float(longest.max()), 0.0),
        len(rows),
        int(counts.sum()),
        datetime.fromtimestamp(rows[-1][0], UTC),
    )


def note_compaction(home: Path, events: int) -> None:
    """Note that compaction moved so many events just now."""
    _write(home, "compaction", [[time.time(), events]])


def last_compaction(home: Path) -> datetime | None:
    rows = _read(home, "compaction")
    return datetime.fromtimestamp(rows[-1][0], UTC) if rows else None


def note_disk(home: Path) -> None:
    """Note how much room is left; more often than every half hour is not needed."""
    rows, now = _read(home, "disk"), time.time()
    if not rows or now - rows[-1][0] >= DISK_EVERY_S:
        _write(home, "disk", [*rows, [now, shutil.disk_usage(home).free]][-DISK_KEPT:])


def shrinking(home: Path) -> float | None:
    """Bytes a day by which the room has become less; below 0 where it grew, None while too little is known.

    The median of the slopes between all pairs of looks (Theil, Sen): a big file that came or went does not
    tilt it.
    """
    rows = _read(home, "disk")
    if len(rows) < ENOUGH_LOOKS or rows[-1][0] - rows[0][0] < ENOUGH_S:
        return None
    at, free = (np.array(column, float) for column in zip(*rows, strict=True))
    one, two = np.triu_indices(len(rows), 1)
    return float(-np.median((free[two] - free[one]) / (at[two] - at[one])) * DAY_S)


def _read(home: Path, name: str) -> list[Any]:
    try:
        rows = json.loads((home / FOLDER / f"{name}.json").read_bytes())
    except (OSError, ValueError):
        return []
    return rows if isinstance(rows, list) else []


def _write(home: Path, name: str, rows: list[Any]) -> None:
    """Whole or not at all. A full disk must not keep events from being flushed: then nothing is noted."""
    folder = home / FOLDER
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        draft = folder / f".{name}.{uuid4().hex}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(rows, file)
            draft.replace(folder / f"{name}.json")
        finally:
            draft.unlink(missing_ok=True)
