"""What an operator watches, as gauges: inbox, lake, jobs and room, from one look for each scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from towpath.events.keeping.state import Figures, measured

Reading = Callable[[Figures], float | None]
"""A figure; None where it cannot be told yet: then the gauge has no value."""

GAUGES: tuple[tuple[str, str, Reading], ...] = (
    ("towpath_inbox_events", "Accepted events that are not in the lake yet.", lambda seen: seen.inbox.events),
    ("towpath_inbox_bytes", "Bytes of accepted events that wait.", lambda seen: seen.inbox.bytes),
    ("towpath_inbox_age_seconds", "How long the oldest of them waits.", lambda seen: seen.inbox.age_seconds),
    (
        "towpath_queryable_seconds",
        "From acceptance until an event could be queried: median of the last flushes.",
        lambda seen: seen.until_queried.median_seconds if seen.until_queried else None,
    ),
    (
        "towpath_queryable_longest_seconds",
        "The same, at most.",
        lambda seen: seen.until_queried.longest_seconds if seen.until_queried else None,
    ),
    ("towpath_lake_events", "Events in the lake.", lambda seen: seen.lake.events),
    (
        "towpath_lake_tail_files",
        "Flushes that compaction has not moved yet.",
        lambda seen: seen.lake.tail_files,
    ),
    (
        "towpath_lake_files_per_month",
        "Files of the body for each month.",
        lambda seen: seen.lake.files_a_month,
    ),
    (
        "towpath_lake_compaction_timestamp_seconds",
        "When compaction last moved something.",
        lambda seen: seen.lake.last_compaction.timestamp() if seen.lake.last_compaction else None,
    ),
    ("towpath_jobs_stuck", "Jobs whose worker no longer answers.", lambda seen: seen.jobs.stuck),
    ("towpath_schedules_overdue", "Schedules whose time has passed.", lambda seen: seen.jobs.overdue),
    ("towpath_disk_free_bytes", "Room left on the home's disk.", lambda seen: seen.disk.free),
    (
        "towpath_disk_full_days",
        "Days until that disk is full at the present rate.",
        lambda seen: seen.disk.full_in_days,
    ),
    (
        "towpath_backup_timestamp_seconds",
        "When the last known backup was made.",
        lambda seen: seen.last_backup.timestamp() if seen.last_backup else None,
    ),
)


class Watch(Collector):
    """All of them, from one look."""

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not measure, since there may be no database yet."""
        return []

    def collect(self) -> Iterable[Metric]:
        seen = measured()
        for name, description, reading in GAUGES:
            family = GaugeMetricFamily(name, description)
            figure = reading(seen)
            if figure is not None:
                family.add_metric([], figure)
            yield family
