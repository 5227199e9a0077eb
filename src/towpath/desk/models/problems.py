"""Problem analyses: worked beside a ticket."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.desk.models.desks import Desk
from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.gate import Guarded


class ProblemAnalysis(Guarded):
    """The analysis of one problem, as `rules.problem_analysis.Analysis` holds it. Every version stays in the
    audit log."""

    read = READ_DESK

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="analyses", verbose_name=_("desk"))
    number = models.CharField(_("ticket"), max_length=200)
    body = models.JSONField(_("analysis"))
    changed_by = models.CharField(_("changed by"), max_length=200)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        ordering = ["desk", "number"]
        verbose_name = _("problem analysis")
        verbose_name_plural = _("problem analyses")
        constraints = [models.UniqueConstraint(fields=["desk", "number"], name="desk_one_analysis_a_ticket")]

    def __str__(self) -> str:
        return f"{self.desk}: {self.number}"
