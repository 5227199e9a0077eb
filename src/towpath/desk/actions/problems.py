"""A problem analysis is saved."""

from __future__ import annotations

import msgspec
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from towpath.desk.models import Desk, ProblemAnalysis, Ticket
from towpath.desk.rules.permissions import MANAGE_DESK
from towpath.desk.rules.problem_analysis import Analysis, problems
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch
from towpath.foundation.audit.writing import writing


def save_analysis(actor: Actor, name: str, ticket: str, analysis: Analysis) -> None:
    """Save it over the last version, which stays in the audit log.

    Raises ValidationError for what cannot be, Http404 where there is no such ticket, PermissionDenied.
    """
    if wrong := problems(analysis):
        told = {"places": ", ".join(wrong)}
        raise ValidationError(
            _("Too much, too long, or a cause without words or with tests of no pair: %(places)s.") % told
        )
    with writing(actor, "problem.analysed", MANAGE_DESK) as write:
        desk = fetch(Desk, actor, name=name)
        fetch(Ticket, actor, desk=desk, number=ticket)
        row = ProblemAnalysis.objects.select_for_update().filter(desk=desk, number=ticket).first()
        before = {"analysis": row.body} if row else None
        row = row or ProblemAnalysis(desk=desk, number=ticket)
        row.body, row.changed_by = msgspec.to_builtins(analysis), actor.name or actor.kind
        row.save()
        write.about(row, before=before, after={"analysis": row.body})
