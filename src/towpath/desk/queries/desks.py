"""Which desks there are, and which one is meant."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from towpath.desk.models import Desk
from towpath.desk.schemas.desks import DeskSummary
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, visible


def desks(actor: Actor) -> list[DeskSummary]:
    """All desks, by name."""
    return [DeskSummary(desk.name, desk.source, desk.proposed) for desk in visible(Desk, actor)]


def lead_of(source: str) -> tuple[str, str] | None:
    """The link to what stands out in a source that is a desk; who may not open it is refused there."""
    desk = Desk.objects.filter(source=source).first()
    return (_("See what stands out"), reverse("desk:insights", args=[desk.name])) if desk else None


def meant(actor: Actor, name: str = "") -> Desk:
    """The desk of that name; without a name the only one.

    Raises Http404 where there is none of the name, ValidationError where a name is needed.
    """
    if name:
        return fetch(Desk, actor, name=name)
    found = list(visible(Desk, actor)[:50])
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(_("There is no desk yet: import a helpdesk's export, with `towpath import`."))
    names = ", ".join(desk.name for desk in found)
    raise ValidationError(_("There are several desks; name one of: %(names)s.") % {"names": names})
