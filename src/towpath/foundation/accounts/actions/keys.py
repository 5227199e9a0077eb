"""Writes: API keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch
from towpath.foundation.access.keys import draw
from towpath.foundation.access.models import ApiKey
from towpath.foundation.access.rules import OWN_KEYS
from towpath.foundation.accounts.rules import USUAL_KEY_DAYS, checked_days, checked_scopes
from towpath.foundation.audit.writing import writing


@dataclass(frozen=True)
class NewKey:
    """`text` is the secret: nobody can ever see it again."""

    key: ApiKey
    text: str


def create_key(actor: Actor, name: str, scopes: Iterable[str], *, days: int = USUAL_KEY_DAYS) -> NewKey:
    """Make a key that acts for this person (for nobody, where the operator makes it).

    Raises ValidationError for a missing name, a scope that the actor does not hold, or days out of range;
    PermissionDenied for a key that tries to make keys, since a stolen one could outlive itself.
    """
    if actor.kind == "key":
        raise PermissionDenied(_("A key cannot make keys: sign in as a person, or use the command line."))
    with writing(actor, "key.created", OWN_KEYS) as write:
        if not name.strip():
            raise ValidationError(_("Give the key a name that says who uses it."))
        given = checked_scopes(actor, scopes)
        drawn = draw()
        key = ApiKey.objects.create(
            name=name.strip()[:80],
            prefix=drawn.prefix,
            digest=drawn.digest,
            scopes=given,
            owner_id=actor.person_id,
            expires_at=timezone.now() + timedelta(days=checked_days(days)),
        )
        write.about(key, after={"scopes": given, "days": days})
    return NewKey(key, drawn.text)


def revoke_key(actor: Actor, prefix: str) -> ApiKey:
    """Stop a key for good: one's own, or anybody's with keys:manage. Raises Http404 where there is none."""
    with writing(actor, "key.revoked", OWN_KEYS) as write:
        key = fetch(ApiKey, actor, prefix=prefix)
        if key.revoked_at is None:
            key.revoked_at = timezone.now()
            key.save(update_fields=["revoked_at"])
        write.about(key, before={"scopes": key.scopes})
    return key
