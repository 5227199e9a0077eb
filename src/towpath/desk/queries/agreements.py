"""The agreements with customers that are in force, and those that were."""

from __future__ import annotations

from towpath.desk.models import AgreementsVersion
from towpath.desk.rules.agreements import Agreements, InForce
from towpath.desk.rules.agreements_text import read_agreements
from towpath.desk.schemas.agreements import AgreementShown, AgreementsShown, AgreementsVersionShown
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible

NAME = "agreements.yaml"
MOST_VERSIONS = 100


def in_force() -> InForce:
    """Ready to be asked; nothing is agreed until somebody applies a document."""
    newest = AgreementsVersion.objects.first()
    return InForce.of(read_agreements(newest.body, NAME) if newest else Agreements())


def agreements(actor: Actor) -> AgreementsShown:
    """The newest version, as it was applied and in parts, and which there were."""
    rows = list(visible(AgreementsVersion, actor)[:MOST_VERSIONS])
    body = rows[0].body if rows else ""
    written = read_agreements(body, NAME) if rows else Agreements()
    return AgreementsShown(
        version=rows[0].number if rows else 0,
        text=body,
        calendars=tuple(written.calendars),
        agreements=tuple(
            AgreementShown(
                each.name,
                each.metric,
                each.calendar,
                each.targets,
                each.otherwise,
                each.pauses,
                each.reopened,
            )
            for each in written.agreements
        ),
        versions=tuple(AgreementsVersionShown(row.number, row.created_at, row.created_by) for row in rows),
    )
