"""What call centres report: calls of a queue in an interval. Sums only: nothing here is about one caller."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.gate import Guarded


class CallSeries(Guarded):
    """One telephone system's reports. `zone`: in which its days and hours are; `minutes`: how long each
    interval is; `mapping`: how its last list was read, so that the next needs no words."""

    read = READ_DESK

    name = models.SlugField(_("name"), max_length=60, unique=True)
    zone = models.CharField(_("time zone"), max_length=60)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    mapping = models.JSONField(_("mapping"))
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("call series")
        verbose_name_plural = _("call series")

    def __str__(self) -> str:
        return self.name


class CallInterval(Guarded):
    """Calls of a queue in one interval. `begins`: UTC microseconds. `abandoned`: given up before an answer;
    `wait_seconds`: the mean wait of those answered; `within`: share answered within the target. None: the
    system does not tell."""

    read = READ_DESK

    series = models.ForeignKey(
        CallSeries, models.CASCADE, related_name="intervals", verbose_name=_("call series")
    )
    queue = models.CharField(_("queue"), max_length=200)
    begins = models.BigIntegerField(_("begins"))
    offered = models.PositiveIntegerField(_("offered"))
    answered = models.PositiveIntegerField(_("answered"))
    abandoned = models.PositiveIntegerField(_("given up"), null=True)
    wait_seconds = models.FloatField(_("waiting time"), null=True)
    within = models.FloatField(_("answered within the target"), null=True)

    class Meta:
        ordering = ["series", "queue", "begins"]
        verbose_name = _("interval of calls")
        verbose_name_plural = _("intervals of calls")
        constraints = [
            models.UniqueConstraint(fields=["series", "queue", "begins"], name="desk_calls_once_an_interval")
        ]

    def __str__(self) -> str:
        return f"{self.queue} {self.begins}"


class CallImport(Guarded):
    """A list that was taken in: what it changed, and its lines that were refused, as they were written."""

    read = READ_DESK

    series = models.ForeignKey(
        CallSeries, models.CASCADE, related_name="imports", verbose_name=_("call series")
    )
    at = models.DateTimeField(_("taken in"), auto_now_add=True)
    by = models.CharField(_("by"), max_length=200)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    same = models.PositiveIntegerField(_("the same"), default=0)
    refused = models.JSONField(_("refused lines"), default=list)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("list of calls")
        verbose_name_plural = _("lists of calls")

    def __str__(self) -> str:
        return f"{self.series} {self.at:%Y-%m-%d}"
