"""Agreements come into force."""

from __future__ import annotations

from towpath.desk.announcements import AgreementsApplied
from towpath.desk.models import AgreementsVersion
from towpath.desk.rules.agreements_text import read_agreements
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.foundation.access.actor import Actor
from towpath.foundation.audit.writing import writing
from towpath.foundation.outbox.announcing import announce


def apply_agreements(actor: Actor, text: str, file: str) -> AgreementsVersion:
    """Put the YAML `text` in force, from now on and for all tickets that are open; the same text again
    changes nothing. `file` is what errors call it. Raises DocumentError, PermissionDenied."""
    with writing(actor, "agreements.applied", MANAGE_DESK) as write:
        read_agreements(text, file)
        newest = AgreementsVersion.objects.select_for_update().first()
        if newest is not None and newest.body == text:
            write.about(newest, before={"body": text}, after={"body": text})
            return newest
        row = AgreementsVersion.objects.create(
            number=newest.number + 1 if newest else 1, body=text, created_by=(actor.name or actor.kind)[:200]
        )
        write.about(row, before={"body": newest.body} if newest else None, after={"body": text})
        announce(AgreementsApplied(number=row.number))
    return row
