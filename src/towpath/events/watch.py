"""What an operator watches: what waits in the inbox, how the lake lies on disk, how much room is left."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from towpath.events.store import inbox, lake
from towpath.foundation.operations.home import home


def _tail_files() -> int:
    return sum(file.in_tail for file in lake().snapshot().files)


def _files_a_month() -> float:
    body = [file for file in lake().snapshot().files if not file.in_tail]
    return len(body) / max(len({file.month for file in body}), 1)


GAUGES: tuple[tuple[str, str, Callable[[], float]], ...] = (
    ("towpath_inbox_events", "Accepted events that are not in the lake yet.", lambda: inbox().fill().events),
    ("towpath_inbox_bytes", "Bytes of accepted events that wait.", lambda: inbox().fill().bytes),
    ("towpath_inbox_age_seconds", "How long the oldest of them waits.", lambda: inbox().fill().age_s),
    ("towpath_lake_events", "Events in the lake.", lambda: lake().snapshot().rows),
    ("towpath_lake_tail_files", "Flushes that compaction has not moved yet.", _tail_files),
    ("towpath_lake_files_per_month", "Files of the body for each month.", _files_a_month),
    ("towpath_disk_free_bytes", "Room left on the home's disk.", lambda: shutil.disk_usage(home().root).free),
)
