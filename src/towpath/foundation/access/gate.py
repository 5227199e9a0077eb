"""The one gate: no door gets an object except through these functions."""

from __future__ import annotations

from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.rules import Permission
from towpath.foundation.people.rules import Role


class Guarded(models.Model):
    """A record behind the gate. `read` is who may see rows; `rows_for` narrows to the rows of that actor."""

    read: ClassVar[Permission]

    class Meta:
        abstract = True

    @classmethod
    def rows_for(cls, actor: Actor) -> models.QuerySet[Self]:  # noqa: ARG003
        return cls._default_manager.all()


Record = TypeVar("Record", bound=Guarded)


def require(actor: Actor, wanted: Permission) -> None:
    """Raise PermissionDenied, saying what is missing, unless the actor holds the permission."""
    if not actor.may(wanted):
        raise PermissionDenied(_missing(actor, wanted))


def _missing(actor: Actor, wanted: Permission) -> str:
    """What would be needed: for a person a role, in words; for a program its key's scope."""
    if actor.kind == "key":
        return _("The key %(key)s does not carry the scope %(scope)s, or its owner holds no role for it.") % {
            "key": actor.name,
            "scope": wanted,
        }
    roles = ", ".join(str(role.label) for role in Role if role in wanted.roles)
    if actor.kind != "person":
        return _("Sign in first: this is open to %(roles)s.") % {"roles": roles}
    return _("This is open to %(roles)s; %(name)s is none of these.") % {"roles": roles, "name": actor.name}


def visible(model: type[Record], actor: Actor) -> models.QuerySet[Record]:
    """The rows of `model` that the actor may see. Raises PermissionDenied when none ever."""
    require(actor, model.read)
    return model.rows_for(actor)


def fetch(model: type[Record], actor: Actor, **lookup: Any) -> Record:
    """One row that the actor may see. Raises Http404 when there is none, or it is not theirs to see."""
    row = visible(model, actor).filter(**lookup).first()
    if row is None:
        named = ", ".join(f"{name} {value}" for name, value in lookup.items())
        raise Http404(f"There is no {model._meta.verbose_name} with {named}.")
    return row
