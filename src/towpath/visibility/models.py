"""Weeks that are kept, so that last month's account still says what it said."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.foundation.access.gate import Guarded
from towpath.improvement.rules.permissions import READ_FINDINGS


class KeptWeek(Guarded):
    """What the last look in an ISO week saw (`schemas.account.WeekBody`); it names no customer."""

    read = READ_FINDINGS

    name = models.CharField(_("week"), max_length=8, unique=True)
    body = models.JSONField(_("figures"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        ordering = ["-name"]
        verbose_name = _("kept week")
        verbose_name_plural = _("kept weeks")

    def __str__(self) -> str:
        return self.name
