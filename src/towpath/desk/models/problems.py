"""Problem analyses: worked beside a ticket."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.desk.models.desks import Desk
from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.gate import Guarded


class ProblemAnalysis(Guarded):
    """One version of the analysis of a problem, as `rules.problem_analysis.Analysis` holds it; the latest
    counts. Never changed, but for who is forgotten."""

    read = READ_DESK

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="analyses", verbose_name=_("desk"))
    number = models.CharField(_("ticket"), max_length=200)
    version = models.PositiveIntegerField(_("version"))
    body = models.JSONField(_("analysis"))
    changed_by = models.CharField(_("changed by"), max_length=200)
    changed_at = models.DateTimeField(_("changed at"), auto_now_add=True)

    class Meta:
        ordering = ["desk", "number", "-version"]
        verbose_name = _("problem analysis")
        verbose_name_plural = _("problem analyses")
        constraints = [
            models.UniqueConstraint(fields=["desk", "number", "version"], name="desk_one_analysis_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.desk}: {self.number}, {self.version}"
