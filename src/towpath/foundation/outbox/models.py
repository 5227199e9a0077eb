"""Announcements wait here, in the transaction that made them true, until every listener has handled them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """A typed fact (`announcements.py` of an area) on its way to one listener."""

    announced_at = models.DateTimeField(_("announced at"), auto_now_add=True)
    announcement = models.CharField(_("announcement"), max_length=120)
    listener = models.CharField(_("listener"), max_length=200)
    body = models.JSONField(_("body"))
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    not_before = models.DateTimeField(_("not before"), auto_now_add=True, db_index=True)
    last_error = models.TextField(_("last error"), blank=True)
    handled_at = models.DateTimeField(_("handled at"), null=True, db_index=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("outbox message")

    def __str__(self) -> str:
        return f"{self.announcement} to {self.listener}"
