"""What tickets are about by a person's word, where their source does not say it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.desk.models.desks import Desk
from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.gate import Guarded


class TicketLink(Guarded):
    """A person confirmed, or rejected, that a ticket is about a service, component, journey step or customer.

    It goes by the ticket's number, so that it stands when history is read again. Where the source says
    something itself, that holds. `share`: how many of such proposals were right when it was confirmed;
    None where that was not measured. `batch`: what was said by one click, and is taken back by one.
    """

    read = READ_DESK

    class About(models.TextChoices):
        SERVICE = "service", _("service")
        COMPONENT = "component", _("component")
        STEP = "step", _("journey step")
        CUSTOMER = "customer", _("customer")

    class By(models.TextChoices):
        LEARNED = "learned", _("like tickets that say it")
        NAMED = "named", _("its text names it")
        TOGETHER = "together", _("together with")

    desk = models.ForeignKey(Desk, models.CASCADE, related_name="+", verbose_name=_("desk"))
    number = models.CharField(_("number"), max_length=200)
    about = models.CharField(_("about"), max_length=10, choices=About.choices)
    value = models.CharField(_("value"), max_length=500)
    confirmed = models.BooleanField(_("confirmed"))
    by = models.CharField(_("proposed by"), max_length=8, choices=By.choices)
    share = models.FloatField(_("confidence"), null=True)
    batch = models.UUIDField(_("said by one click"))
    said_by = models.CharField(_("said by"), max_length=200)
    said_at = models.DateTimeField(_("said at"))

    class Meta:
        ordering = ["pk"]
        verbose_name = _("link of a ticket")
        verbose_name_plural = _("links of tickets")
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "number", "about", "value"], name="ticket_link_said_once"
            ),
            models.UniqueConstraint(
                fields=["desk", "number", "about"],
                condition=models.Q(confirmed=True),
                name="ticket_link_one_confirmed",
            ),
        ]
        indexes = [models.Index(fields=["desk", "batch"], name="ticket_link_batch")]

    def __str__(self) -> str:
        # Without the value: it may name a customer, and the audit log keeps this.
        return f"{self.desk}: {self.number} > {self.about}"
