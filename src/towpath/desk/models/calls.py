"""Contact trends as a call centre's own system counts them: so many in an interval."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.gate import Guarded


class CallInterval(Guarded):
    """What one queue met in one interval. `begin`: UTC microseconds. `waited`: mean seconds until answered,
    of those answered; None where the source does not say it."""

    read = READ_DESK

    source = models.CharField(_("source"), max_length=100)
    queue = models.CharField(_("queue"), max_length=200)
    begin = models.BigIntegerField(_("begin"))
    seconds = models.PositiveIntegerField(_("length in seconds"))
    offered = models.PositiveIntegerField(_("calls offered"))
    answered = models.PositiveIntegerField(_("calls answered"))
    given_up = models.PositiveIntegerField(_("calls given up"))
    waited = models.FloatField(_("mean waiting time in seconds"), null=True)

    class Meta:
        ordering = ["source", "queue", "begin"]
        verbose_name = _("interval of a queue")
        verbose_name_plural = _("intervals of queues")
        constraints = [models.UniqueConstraint(fields=["source", "queue", "begin"], name="desk_one_interval")]

    def __str__(self) -> str:
        return f"{self.source} {self.queue} {self.begin}"
