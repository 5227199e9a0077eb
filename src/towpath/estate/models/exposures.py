"""Libraries in weak versions: since when, and what people say of each."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.estate.models.items import Item
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.foundation.access.gate import Guarded


class Exposure(Guarded):
    """A library that an advisory affects, in what holds it: a vulnerability match. Whether it can hurt
    depends on who holds it, so each of these is judged by itself.

    `carrier`: None where nobody is known to hold it. `gone_since`: the library or its holder is there no
    more, or the advisory affects it no more; a row is never removed. `severity`: critical, high, medium,
    low, or "" where the advisory does not say. `customers_a_week`: who met what holds it, when that was last
    measured; None where it never was, or nothing says it.
    """

    read = READ_ESTATE

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="exposures", verbose_name=_("item"))
    carrier = models.ForeignKey(
        Item, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("held by")
    )
    advisory = models.CharField(_("advisory"), max_length=100)
    severity = models.CharField(_("severity"), max_length=10, blank=True)
    customers_a_week = models.PositiveIntegerField(_("customers a week"), null=True)
    first_seen = models.DateTimeField(_("first seen"))
    gone_since = models.DateTimeField(_("gone since"), null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("exposure")
        verbose_name_plural = _("exposures")
        constraints = [
            models.UniqueConstraint(fields=["item", "carrier", "advisory"], name="estate_exposure_once"),
            models.UniqueConstraint(
                fields=["item", "advisory"],
                condition=models.Q(carrier__isnull=True),
                name="estate_exposure_held_by_nobody_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.advisory} {self.item_id}"


class Assessment(Guarded):
    """What one analyser says of an exposure, signed; the latest counts. `until`: of what is accepted, the day
    on which it is open again."""

    read = READ_ESTATE

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        IN_TRIAGE = "in_triage", _("in triage")
        NOT_AFFECTED = "not_affected", _("not affected")
        FIXED = "fixed", _("fixed")
        ACCEPTED = "accepted", _("accepted")

    exposure = models.ForeignKey(
        Exposure, on_delete=models.CASCADE, related_name="assessments", verbose_name=_("exposure")
    )
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    because = models.CharField(_("because"), max_length=500, blank=True)
    until = models.DateField(_("until"), null=True)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)
    made_by = models.CharField(_("made by"), max_length=200)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")

    def __str__(self) -> str:
        return f"{self.status} ({self.made_by})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("An assessment is never changed: say something new instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("An assessment is never removed: somebody signed it.")
