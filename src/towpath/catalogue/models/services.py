"""What is provided, to customers or to colleagues."""

from __future__ import annotations

import msgspec
from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.catalogue.rules.declaring import DeclaredService
from towpath.catalogue.rules.permissions import READ_CATALOGUE
from towpath.foundation.access.gate import Guarded


class Service(Guarded):
    """A service as it was last declared. `body` is the declaration (`rules.declaring.DeclaredService`); the
    other fields are of it, so that lists can be narrowed. Never removed: `gone_since` says that it is no
    longer declared."""

    read = READ_CATALOGUE

    name = models.CharField(_("name"), max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=200)
    audience = models.CharField(_("for whom"), max_length=20)
    owner = models.CharField(_("owner"), max_length=200)
    lifecycle = models.CharField(_("lifecycle"), max_length=20)
    words = models.TextField(_("words"))
    """What it can be found by, in small letters."""
    body = models.JSONField(_("declaration"))
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    changed_by = models.CharField(_("changed by"), max_length=200)
    gone_since = models.DateTimeField(_("gone since"), null=True)

    class Meta:
        ordering = ["title", "pk"]
        verbose_name = _("service")
        verbose_name_plural = _("services")

    def __str__(self) -> str:
        return self.name

    def declared(self) -> DeclaredService:
        """Its declaration."""
        return msgspec.convert(self.body, DeclaredService)
