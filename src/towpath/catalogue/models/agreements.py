"""What was agreed of a service."""

from __future__ import annotations

import msgspec
from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.catalogue.rules.declaring import DeclaredAgreement
from towpath.catalogue.rules.permissions import READ_CATALOGUE
from towpath.foundation.access.gate import Guarded


class Agreement(Guarded):
    """An agreement as it was last declared (`rules.declaring.DeclaredAgreement`). Never removed:
    `gone_since` says that it is no longer declared."""

    read = READ_CATALOGUE

    name = models.CharField(_("name"), max_length=200, unique=True)
    service = models.CharField(_("service"), max_length=100, db_index=True)
    body = models.JSONField(_("declaration"))
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    changed_by = models.CharField(_("changed by"), max_length=200)
    gone_since = models.DateTimeField(_("gone since"), null=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")

    def __str__(self) -> str:
        return self.name

    def declared(self) -> DeclaredAgreement:
        """Its declaration."""
        return msgspec.convert(self.body, DeclaredAgreement)
