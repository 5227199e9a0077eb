"""Who may manage whom, and what a way in must keep to."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.rules import declared, permission
from towpath.foundation.people.rules import Role

OWN_ACCOUNT = permission("account:own", *Role)
READ_PEOPLE = permission("people:read", Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
MANAGE_PEOPLE = permission("people:manage", Role.ADMINISTRATOR)

PASSWORD_BYTES = 12
LONGEST_KEY_DAYS = 3650
USUAL_KEY_DAYS = 90


def drawn_password() -> str:
    """96 random bits in 16 characters: out of reach of guessing, and still typed by hand once."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def known_roles(names: Iterable[str]) -> frozenset[Role]:
    """The roles of these names. Raises ValidationError for an unknown one, and for none at all."""
    given = list(names)
    unknown = [name for name in given if name not in Role.values]
    if unknown or not given:
        raise ValidationError(
            _("%(given)s is not a role: choose from %(roles)s.")
            % {"given": ", ".join(unknown) or _("Nothing"), "roles": ", ".join(Role.values)}
        )
    return frozenset(Role(name) for name in given)


def grantable_scopes(actor: Actor) -> list[str]:
    """The permissions that a key made by this actor may carry: those that the actor holds."""
    return [name for name, found in declared().items() if actor.may(found)]


def checked_scopes(actor: Actor, scopes: Iterable[str]) -> list[str]:
    """The scopes in order, each once. Raises ValidationError for those that the actor may not give, and for
    none."""
    wanted = sorted(set(scopes))
    grantable = grantable_scopes(actor)
    refused = [name for name in wanted if name not in grantable]
    if refused or not wanted:
        raise ValidationError(
            _("A key cannot be given the scope %(refused)s: choose from %(scopes)s.")
            % {"refused": ", ".join(refused) or _("nothing"), "scopes": ", ".join(grantable)}
        )
    return wanted


def checked_days(days: int) -> int:
    """How long a key works. Raises ValidationError beyond ten years: what nobody renews, nobody remembers."""
    if not 1 <= days <= LONGEST_KEY_DAYS:
        raise ValidationError(_("A key works for 1 to %(most)d days.") % {"most": LONGEST_KEY_DAYS})
    return days
