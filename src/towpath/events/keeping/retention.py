"""What is too old goes: whole months of events, and old rows of quarantine, jobs and audit log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from towpath.events import keys
from towpath.events.keeping.periods import Periods, read_periods, today_utc, write_periods
from towpath.events.lake.expiring import Expired
from towpath.events.models import QuarantinedRecord, RetentionVersion
from towpath.events.rules import MANAGE_RETENTION, READ_KEEPING
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require, visible
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.audit.writing import writing
from towpath.foundation.operations.documents import DocumentError

BATCH = 500
"""Rows removed in one transaction, so that no writer waits long."""
LASTING = ("retention.", "backup.", "customer.forgotten")
"""Verbs whose audit entries stay: they say why something is not there."""
BY_ITSELF = Actor("operator", name="retention")
_FINISHED = (TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED)


class ExpiredEvents(msgspec.Struct, frozen=True):
    """Events of one type and month ("2011-10", UTC)."""

    type: str
    month: str
    events: int


class Retired(msgspec.Struct, frozen=True):
    """What went, or would go: events by type and month, and rows of quarantine, jobs and audit log."""

    events: int
    types: tuple[ExpiredEvents, ...]
    quarantine: int
    jobs: int
    audit: int

    @property
    def total(self) -> int:
        return self.events + self.quarantine + self.jobs + self.audit


class PeriodsApplied(msgspec.Struct, frozen=True):
    """The version in force, and whether applying made it."""

    version: int
    new: bool


def periods() -> Periods:
    """What is in force."""
    newest = RetentionVersion.objects.order_by("-number").first()
    return Periods() if newest is None else msgspec.convert(newest.body, Periods)


def export_periods(actor: Actor) -> str:
    """What is in force, as YAML. Raises PermissionDenied."""
    require(actor, READ_KEEPING)
    return write_periods(periods())


def versions(actor: Actor) -> list[RetentionVersion]:
    """All that were ever in force, newest first. Raises PermissionDenied."""
    return list(visible(RetentionVersion, actor))


def apply_periods(actor: Actor, text: str, name: str) -> PeriodsApplied:
    """Put the YAML `text` in force; equal periods change nothing.

    Raises PermissionDenied, DocumentError with the line of what is wrong (`name`: the file, for errors).
    """
    require(actor, MANAGE_RETENTION)
    wanted = read_periods(text, name)
    if wanted.audit_days is not None and connection.vendor == "postgresql":
        # A trigger there keeps everybody from removing entries, and retention is not the one to lift it.
        told = "PostgreSQL refuses to remove entries of the audit log. Leave `audit_days` empty: for ever."
        raise DocumentError(name, 1, 1, told)
    with transaction.atomic():
        newest = RetentionVersion.objects.select_for_update().order_by("-number").first()
        if newest is not None and msgspec.convert(newest.body, Periods) == wanted:
            return PeriodsApplied(newest.number, new=False)
        with writing(actor, "retention.applied", MANAGE_RETENTION) as write:
            body: dict[str, Any] = msgspec.to_builtins(wanted)
            version = RetentionVersion.objects.create(
                number=newest.number + 1 if newest else 1, body=body, created_by=actor.name or actor.kind
            )
            write.about(version, before=newest.body if newest else None, after=body)
    return PeriodsApplied(version.number, new=True)


def would_retire(actor: Actor, wanted: Periods | None = None, today: date | None = None) -> Retired:
    """What a run would remove now, by the periods in force or those `wanted`. Raises PermissionDenied.

    Events that still wait in the tail are not counted: they move to their months first.
    """
    require(actor, READ_KEEPING)
    by = wanted or periods()
    found = lake().would_expire(by.expires(today or today_utc())) if by.events else Expired()
    return _retired([found], {name: rows.count() for name, rows in _old_rows(by).items()})


def retire(
    actor: Actor, today: date | None = None, told: Callable[[int], None] = lambda _events: None
) -> Retired:
    """Remove what is older than the periods in force allow; `told` hears how many events went so far.

    Killed anywhere, the next run goes on. Raises PermissionDenied, LakeBusy, LakeFull.
    """
    require(actor, MANAGE_RETENTION)
    by, gone = periods(), list[Expired]()
    lake().keep_log(by.lake_log_days)
    if by.events:
        lake().settle_keys(keys)
        for done in lake().expire(by.expires(today or today_utc())):
            gone.append(done)
            _note(actor, _retired([done], {}))
            told(sum(each.total for each in gone))
    rows = {name: _remove(found) for name, found in _old_rows(by).items()}
    if any(rows.values()):
        _note(actor, _retired([], rows))
    return _retired(gone, rows)


def _note(actor: Actor, retired: Retired) -> None:
    """Month by month: what a killed run has done is on record too."""
    with writing(actor, "retention.carried_out", MANAGE_RETENTION) as write:
        write.target_type = RetentionVersion._meta.label
        write.after = msgspec.to_builtins(retired)


def _retired(gone: list[Expired], rows: dict[str, int]) -> Retired:
    types = tuple(
        ExpiredEvents(event_type, month, count)
        for each in gone
        for (event_type, month), count in sorted(each.events.items())
    )
    found = {"quarantine": 0, "jobs": 0, "audit": 0} | rows
    return Retired(sum(each.events for each in types), types, **found)


def _old_rows(by: Periods) -> dict[str, models.QuerySet[Any]]:
    found: dict[str, models.QuerySet[Any]] = {}
    if by.quarantine_days is not None:
        found["quarantine"] = QuarantinedRecord.objects.filter(at__lt=_before(by.quarantine_days))
    if by.jobs_days is not None:
        found["jobs"] = DBTaskResult.objects.filter(
            status__in=_FINISHED, finished_at__lt=_before(by.jobs_days)
        )
    if by.audit_days is not None:
        lasting = Q()
        for verb in LASTING:
            lasting |= Q(verb__startswith=verb)
        found["audit"] = AuditEntry.objects.filter(at__lt=_before(by.audit_days)).exclude(lasting)
    return found


def _before(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def _remove(rows: models.QuerySet[Any]) -> int:
    """A transaction for each few hundred rows."""
    gone = 0
    while batch := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=batch).delete()
        gone += len(batch)
    return gone
