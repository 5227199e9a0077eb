"""Every write goes through `writing`: permission, one transaction, and an entry in the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.access.rules import Permission
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.logs import without_secrets

State = Mapping[str, Any]


@dataclass
class Write:
    """What an action tells the audit log about the record it wrote."""

    target_type: str = ""
    target: str = ""
    before: State | None = None
    after: State | None = None

    def about(self, record: models.Model, *, before: State | None = None, after: State | None = None) -> None:
        """Name the record; `before` is None where it is new, `after` is None where it is gone.

        Fields named like a secret are hidden, whatever the action says.
        """
        self.target_type = record._meta.label
        self.target = str(record)[:200]
        self.before, self.after = without_secrets(before), without_secrets(after)


@contextmanager
def writing(actor: Actor, verb: str, wanted: Permission) -> Iterator[Write]:
    """The frame of every action: raises PermissionDenied first, else commits the write and its audit entry
    together.

    `verb` says what happened, in the past tense ("journey.applied").
    """
    require(actor, wanted)
    with transaction.atomic():
        write = Write()
        yield write
        AuditEntry.objects.create(
            actor_kind=actor.kind,
            actor=actor.name or actor.kind,
            verb=verb,
            target_type=write.target_type,
            target=write.target,
            before=write.before,
            after=write.after,
        )
