"""The audit log: who wrote what, with the state before and after. It is only ever appended to."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _

from towpath.foundation.access.gate import Guarded
from towpath.foundation.audit.rules import READ_AUDIT


class AuditEntry(Guarded):
    read = READ_AUDIT

    at = models.DateTimeField(_("at"), auto_now_add=True, db_index=True)
    actor_kind = models.CharField(_("kind of actor"), max_length=12)
    actor = models.CharField(_("actor"), max_length=200)
    verb = models.CharField(_("verb"), max_length=60, db_index=True)
    target_type = models.CharField(_("what"), max_length=60, blank=True)
    target = models.CharField(_("which"), max_length=200, blank=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor}: {self.verb} {self.target}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("The audit log is only appended to: an entry is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TypeError("The audit log is only appended to: an entry is never removed by hand.")


class SealingKey(models.Model):
    """What opens the sealed values of one person (key of a customer) in the log; destroyed to forget them."""

    person = models.BigIntegerField(primary_key=True)
    secret = models.CharField(max_length=44)

    class Meta:
        verbose_name = _("sealing key")
        verbose_name_plural = _("sealing keys")

    def __str__(self) -> str:
        return str(self.person)
