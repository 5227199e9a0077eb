"""The estate's rules, as they were applied."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.estate.rules.permissions import READ_ESTATE
from towpath.foundation.access.gate import Guarded


class EstateRulesVersion(Guarded):
    """Rules that were in force from then on, numbered from 1. `body`: the YAML as it was applied."""

    read = READ_ESTATE

    number = models.PositiveIntegerField(_("number"), unique=True)
    body = models.TextField(_("rules"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.CharField(_("created by"), max_length=200)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("version of the estate's rules")
        verbose_name_plural = _("versions of the estate's rules")

    def __str__(self) -> str:
        return str(self.number)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A version is never changed: apply other rules instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("A version is never removed: items were joined by it.")
