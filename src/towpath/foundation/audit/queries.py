"""Reads: who wrote what, and when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec
from django.db.models import Q, QuerySet

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.audit.sealing import opened


class AuditRecord(msgspec.Struct, frozen=True):
    at: datetime
    actor: str
    actor_kind: str
    verb: str
    target_type: str
    target: str
    before: Any
    after: Any


class AuditFilter(msgspec.Struct, frozen=True):
    """What is looked for; empty fields let everything through. `until` is a day that still counts."""

    actor: str = ""
    verb: str = ""
    target: str = ""
    since: date | None = None
    until: date | None = None


def entries(actor: Actor, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    """The entries, the newest first."""
    found = visible(AuditEntry, actor)
    if wanted.actor:
        found = found.filter(actor__icontains=wanted.actor)
    if wanted.verb:
        found = found.filter(verb=wanted.verb)
    if wanted.target:
        found = found.filter(Q(target__icontains=wanted.target) | Q(target_type__icontains=wanted.target))
    if wanted.since:
        found = found.filter(at__date__gte=wanted.since)
    if wanted.until:
        found = found.filter(at__date__lte=wanted.until)
    return found


def verbs(actor: Actor) -> list[str]:
    """The verbs that occur, to choose from."""
    return list(visible(AuditEntry, actor).order_by("verb").values_list("verb", flat=True).distinct())


def record_of(entry: AuditEntry) -> AuditRecord:
    return AuditRecord(
        at=entry.at,
        actor=entry.actor,
        actor_kind=entry.actor_kind,
        verb=entry.verb,
        target_type=entry.target_type,
        target=entry.target,
        before=opened(entry.before),
        after=opened(entry.after),
    )
