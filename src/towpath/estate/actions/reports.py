"""What sources tell comes in."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from towpath.estate.announcements import EstateReported
from towpath.estate.joining.taking import Taking
from towpath.estate.models import Discovery
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.rules.permissions import WRITE_ESTATE
from towpath.estate.sources.report import Report
from towpath.foundation.access.actor import Actor
from towpath.foundation.audit.writing import writing
from towpath.foundation.outbox.announcing import announce

_SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


def take_in(actor: Actor, source: str, report: Report) -> Discovery:
    """Take in what a source told; returns what came of it. The same report again changes nothing.

    Raises ValidationError for a source's name, PermissionDenied.
    """
    if not _SOURCE.fullmatch(source):
        raise ValidationError(
            _("%(name)s cannot name a source: write small letters, digits, dots and dashes, like office.")
            % {"name": source[:100]}
        )
    with writing(actor, "estate.report_received", WRITE_ESTATE) as write:
        found = Discovery.objects.create(
            source=source,
            form=report.form,
            at=report.at,
            scopes=list(report.scopes)[:1_000],
            by=(actor.name or actor.kind)[:200],
        )
        write.about(
            found, after={"form": report.form, "items": len(report.items), "links": len(report.links)}
        )
    Taking(found, report, rules_in_force()).run()
    with writing(actor, "estate.report_taken_in", WRITE_ESTATE) as write:
        counts = {"new": found.new, "gone": found.gone, "changed": found.changed}
        write.about(found, after=counts)
        announce(EstateReported(discovery=found.pk, source=source))
    return found
