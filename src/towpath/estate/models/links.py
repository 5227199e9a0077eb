"""How items hang together."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.estate.models.items import Item
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.foundation.access.gate import Guarded


class Link(Guarded):
    """`start` runs on, depends on, connects to, is part of, or is supplied by `end`, as a source says. `kind`
    is a key of the estate's rules, which say which of both needs the other.

    Redundancy: links of one `group` at the item that needs them stand in for each other; `needed` of them
    must work (None: each link is needed by itself). `common`: share of a member's failures that hit all
    members of the group at once. A link is never removed, only ended (`until`).
    """

    read = READ_ESTATE

    kind = models.CharField(_("kind"), max_length=40)
    start = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="outward", verbose_name=_("from"))
    end = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="inward", verbose_name=_("to"))
    source = models.CharField(_("source"), max_length=100)
    group = models.CharField(_("group"), max_length=100, blank=True)
    needed = models.PositiveSmallIntegerField(_("needed"), null=True)
    common = models.FloatField(_("share of common failures"), default=0.0)
    first_seen = models.DateTimeField(_("first seen"))
    last_seen = models.DateTimeField(_("last seen"))
    until = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.UniqueConstraint(
                fields=["start", "end", "kind", "source"],
                condition=models.Q(until__isnull=True),
                name="estate_link_once",
            ),
            models.CheckConstraint(condition=~models.Q(start=models.F("end")), name="estate_link_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.start_id} {self.kind} {self.end_id}"
