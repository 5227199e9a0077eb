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
    """Save it as the next version; those before are kept.

    Raises ValidationError for what cannot be, Http404 where there is no such ticket, PermissionDenied.
    """
    if wrong := problems(analysis):
        told = {"places": ", ".join(wrong)}
        raise ValidationError(
            _("Too much, too long, or a cause without words or with tests of no pair: %(places)s.") % told
        )
    with writing(actor, "problem.analysed", MANAGE_DESK) as write:
        # Of two who save at once, one waits.
        desk = Desk.objects.select_for_update().get(pk=fetch(Desk, actor, name=name).pk)
        fetch(Ticket, actor, desk=desk, number=ticket)
        last = ProblemAnalysis.objects.filter(desk=desk, number=ticket).first()
        version = last.version + 1 if last else 1
        row = ProblemAnalysis.objects.create(
            desk=desk,
            number=ticket,
            version=version,
            body=msgspec.to_builtins(analysis),
            changed_by=actor.name or actor.kind,
        )
        # Without its words: they may name customers, and the log is never changed.
        about = {"version": version, "pairs": len(analysis.pairs), "causes": len(analysis.causes)}
        write.about(row, before={"version": last.version} if last else None, after=about)
