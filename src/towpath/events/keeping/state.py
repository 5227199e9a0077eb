"""How Towpath is, measured: the typed record that page, API and `--json` show, and gauges count."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Literal

import msgspec
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from towpath.events.keeping import notes
from towpath.events.lake import EventFile
from towpath.events.lake.layout import LAKE_FORMAT
from towpath.events.store import inbox, lake
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.jobs.models import Lease, Schedule
from towpath.foundation.jobs.queries import counts
from towpath.foundation.operations.home import home

STUCK_AFTER = timedelta(seconds=90)
"""A lease is renewed every few seconds, and taken over when it has ended."""
OVERDUE_AFTER = timedelta(minutes=5)
BACKUP_MADE = "backup.made"
Level = Literal["good", "watch", "act"]


class MonthFiles(msgspec.Struct, frozen=True):
    """The body's files of one month ("2011-10", UTC)."""

    month: str
    files: int
    events: int
    bytes: int


class Waiting(msgspec.Struct, frozen=True):
    """What was accepted and is not in the lake yet. `set_aside`: batches that could not be put there."""

    events: int
    bytes: int
    age_seconds: float
    set_aside: int = 0


class UntilQueried(msgspec.Struct, frozen=True):
    """Seconds from acceptance until an event could be queried, over the last flushes."""

    median_seconds: float
    longest_seconds: float
    flushes: int
    events: int
    last_flush: datetime


class LakeState(msgspec.Struct, frozen=True):
    """`last_compaction`: null where none was noted (a worker notes when it moved something)."""

    version: int
    events: int
    tail_files: int
    tail_events: int
    last_compaction: datetime | None
    months: tuple[MonthFiles, ...]

    @property
    def files_a_month(self) -> float:
        return sum(each.files for each in self.months) / max(len(self.months), 1)


class JobsState(msgspec.Struct, frozen=True):
    """`stuck`: begun by a worker that no longer answers. `overdue`: schedules whose time has passed."""

    waiting: int
    running: int
    stuck: int
    failed: int
    given_up: int
    overdue: int


class DiskState(msgspec.Struct, frozen=True):
    """Bytes on the home's disk. `shrinks_daily`: null while too little is known; `full_in_days`: null then,
    and where the room does not shrink."""

    free: int
    total: int
    shrinks_daily: float | None
    full_in_days: float | None


class Versions(msgspec.Struct, frozen=True):
    towpath: str
    lake_format: int
    python: str
    deltalake: str
    duckdb: str


class Sign(msgspec.Struct, frozen=True):
    """One thing to know, in words: `level` is good, watch or act; `advice` may be empty."""

    name: str
    level: Level
    title: str
    words: str
    advice: str


class Keeping(msgspec.Struct, frozen=True):
    """How Towpath is. `level`: the worst of the signs; `last_backup`: null where none is known."""

    at: datetime
    level: Level
    signs: tuple[Sign, ...]
    inbox: Waiting
    until_queried: UntilQueried | None
    lake: LakeState
    jobs: JobsState
    disk: DiskState
    last_backup: datetime | None
    versions: Versions


class Figures(msgspec.Struct, frozen=True):
    """What was measured, before anything is said about it."""

    at: datetime
    inbox: Waiting
    until_queried: UntilQueried | None
    lake: LakeState
    jobs: JobsState
    disk: DiskState
    last_backup: datetime | None
    versions: Versions


def measured() -> Figures:
    """Everything, from one look at inbox, lake and records. For gauges too, so it asks for no permission."""
    return Figures(
        at=timezone.now(),
        inbox=_inbox(),
        until_queried=_until_queried(),
        lake=_lake(),
        jobs=_jobs(),
        disk=_disk(),
        last_backup=AuditEntry.objects.filter(verb=BACKUP_MADE).values_list("at", flat=True).first(),
        versions=_versions(),
    )


def _inbox() -> Waiting:
    fill = inbox().fill()
    return Waiting(fill.events, fill.bytes, fill.age_s, len(inbox().aside()))


def _until_queried() -> UntilQueried | None:
    waited = notes.waited(home().root)
    if waited is None:
        return None
    return UntilQueried(waited.median_s, waited.longest_s, waited.flushes, waited.events, waited.last)


def _lake() -> LakeState:
    snapshot = lake().snapshot()
    tail = [file for file in snapshot.files if file.in_tail]
    body = [file for file in snapshot.files if not file.in_tail]
    return LakeState(
        version=snapshot.version,
        events=snapshot.rows,
        tail_files=len(tail),
        tail_events=sum(file.rows for file in tail),
        last_compaction=notes.last_compaction(home().root),
        months=_months(body),
    )


def _months(body: list[EventFile]) -> tuple[MonthFiles, ...]:
    files, rows, size = Counter[str](), Counter[str](), Counter[str]()
    for file in body:
        files[file.month] += 1
        rows[file.month] += file.rows
        size[file.month] += file.bytes
    return tuple(MonthFiles(month, files[month], rows[month], size[month]) for month in sorted(files))


def _jobs() -> JobsState:
    found, now = counts(), timezone.now()
    running = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
    held = Lease.objects.filter(expires_at__gte=now - STUCK_AFTER).values("task_id")
    stuck = running.filter(started_at__lt=now - STUCK_AFTER).exclude(pk__in=held).count()
    overdue = Schedule.objects.filter(due_at__lt=now - OVERDUE_AFTER).count()
    return JobsState(found["waiting"], found["running"], stuck, found["failed"], found["given_up"], overdue)


def _disk() -> DiskState:
    usage = shutil.disk_usage(home().root)
    daily = notes.shrinking(home().root)
    return DiskState(usage.free, usage.total, daily, usage.free / daily if daily and daily > 0 else None)


def _versions() -> Versions:
    python = ".".join(map(str, sys.version_info[:3]))
    return Versions(version("towpath"), LAKE_FORMAT, python, version("deltalake"), version("duckdb"))
