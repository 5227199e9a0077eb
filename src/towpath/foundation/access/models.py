"""API keys: how programs sign in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import Guarded
from towpath.foundation.access.rules import MANAGE_KEYS, OWN_KEYS


class ApiKey(Guarded):
    """A program's way in. A key with an owner never does what its owner may not do (any more)."""

    read = OWN_KEYS

    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=20, unique=True)
    digest = models.CharField(_("digest of the secret"), max_length=64, unique=True)
    scopes = models.JSONField(_("scopes"), default=list)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        on_delete=models.CASCADE,
        related_name="api_keys",
        help_text=_("Empty for a key that the operator made at the command line."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @classmethod
    def rows_for(cls, actor: Actor) -> models.QuerySet[ApiKey]:
        rows = cls._default_manager.select_related("owner")
        return rows if actor.may(MANAGE_KEYS) else rows.filter(owner_id=actor.person_id, owner__isnull=False)

    @property
    def works(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())
