"""Looks at the estate: what a source told at one time, what had changed, and where one may look."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.estate.models.items import Item
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.foundation.access.gate import Guarded


class Discovery(Guarded):
    """What one source told at one time. `at`: when it looked; `received`: when it came here. `scopes`: what
    it looked at whole (networks, a namespace ...): what it saw there before and does not see now is gone.
    `doubts`: what was left out and why, in words."""

    read = READ_ESTATE

    source = models.CharField(_("source"), max_length=100)
    form = models.CharField(_("form"), max_length=20)
    at = models.DateTimeField(_("at"))
    received = models.DateTimeField(_("received"), auto_now_add=True)
    scopes = models.JSONField(_("where"), default=list)
    items = models.PositiveIntegerField(_("items"), default=0)
    links = models.PositiveIntegerField(_("links"), default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    gone = models.PositiveIntegerField(_("gone"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    doubts = models.JSONField(_("doubts"), default=list)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    """Empty while it is taken in, or where that was cut off: the same report can be given again."""
    by = models.CharField(_("by"), max_length=200)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("discovery")
        verbose_name_plural = _("discoveries")
        indexes = [models.Index(fields=["source", "-at"], name="discovery_by_source")]

    def __str__(self) -> str:
        return f"{self.source} {self.at:%Y-%m-%d %H:%M}"


class Change(Guarded):
    """What a discovery found different."""

    read = READ_ESTATE

    class What(models.TextChoices):
        NEW = "new", _("new")
        GONE = "gone", _("gone")
        BACK = "back", _("back")
        CHANGED = "changed", _("changed")
        MOVED = "moved", _("moved")

    discovery = models.ForeignKey(
        Discovery, on_delete=models.CASCADE, related_name="changes", verbose_name=_("discovery")
    )
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="changes", verbose_name=_("item"))
    what = models.CharField(_("what"), max_length=8, choices=What.choices)
    field = models.CharField(_("field"), max_length=200, blank=True)
    before = models.TextField(_("before"), blank=True)
    after = models.TextField(_("after"), blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("change of the estate")
        verbose_name_plural = _("changes of the estate")

    def __str__(self) -> str:
        return f"{self.what} {self.item_id}"


class ScanRange(Guarded):
    """Networks that an administrator authorised to be scanned, by name. `networks`: CIDR, one a line."""

    read = READ_ESTATE

    name = models.SlugField(_("name"), max_length=60, unique=True)
    networks = models.TextField(_("networks"))
    ports = models.CharField(_("ports"), max_length=500, blank=True)
    every_s = models.PositiveIntegerField(_("seconds between two scans"), default=0)
    because = models.CharField(_("because"), max_length=500, blank=True)
    authorised_at = models.DateTimeField(_("authorised at"), auto_now_add=True)
    authorised_by = models.CharField(_("authorised by"), max_length=200)
    scanned_at = models.DateTimeField(_("last scanned at"), null=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("authorised range")
        verbose_name_plural = _("authorised ranges")

    def __str__(self) -> str:
        return self.name
