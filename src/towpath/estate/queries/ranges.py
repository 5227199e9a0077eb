"""Which networks may be scanned, and when they were."""

from __future__ import annotations

from datetime import datetime, timedelta

from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from towpath.estate.models import Discovery, ScanRange
from towpath.estate.schemas.ranges import RangeShown
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible

SOURCE = "scan-{name}"


def ranges(actor: Actor) -> list[RangeShown]:
    """All authorised ranges, by name. Raises PermissionDenied."""
    rows = list(visible(ScanRange, actor))
    sources = [SOURCE.format(name=row.name) for row in rows]
    told = visible(Discovery, actor).filter(source__in=sources).order_by("pk")
    latest = dict(told.values_list("source", "pk"))
    return [
        RangeShown(
            name=row.name,
            networks=tuple(row.networks.split()),
            ports=row.ports,
            every_s=row.every_s,
            because=row.because,
            authorised_at=row.authorised_at,
            authorised_by=row.authorised_by,
            scanned_at=row.scanned_at,
            problem=row.problem,
            discovery=latest.get(source),
        )
        for row, source in zip(rows, sources, strict=True)
    ]


def due(actor: Actor, now: datetime) -> list[str]:
    """Names of ranges whose time has come."""
    rows = visible(ScanRange, actor).filter(every_s__gt=0)
    return [
        row.name
        for row in rows
        if row.scanned_at is None or row.scanned_at + timedelta(seconds=row.every_s) <= now
    ]


def stands(task_path: str, name: str) -> bool:
    """Whether such a scan waits or runs."""
    open_ones = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    rows = DBTaskResult.objects.filter(task_path=task_path, status__in=open_ones)
    return any(row.args_kwargs["args"] == [name] for row in rows)
