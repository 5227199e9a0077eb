"""Agreements with customers, as they were applied."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.desk.rules.permissions import READ_DESK
from towpath.foundation.access.gate import Guarded


class AgreementsVersion(Guarded):
    """Agreements that were in force from then on, numbered from 1. `body`: the YAML as it was applied."""

    read = READ_DESK

    number = models.PositiveIntegerField(_("number"), unique=True)
    body = models.TextField(_("agreements"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.CharField(_("created by"), max_length=200)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("version of the agreements")
        verbose_name_plural = _("versions of the agreements")

    def __str__(self) -> str:
        return str(self.number)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A version is never changed: apply other agreements instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("A version is never removed: verdicts were given by it.")
