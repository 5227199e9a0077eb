"""In which role one customer stands to another: a person uses what their company pays for."""

from __future__ import annotations

from django.utils.translation import gettext as _

from towpath.customers.actions.deciding import CannotDecide
from towpath.customers.models import Identifier, OpenForgetting, Relationship
from towpath.customers.rules import WRITE_CUSTOMERS
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch
from towpath.foundation.audit.writing import writing


def relate(actor: Actor, member: int, of: int, role: str) -> int:
    """Say in which role a customer stands to another one (keys of an identifier of each); said again, it
    changes nothing. Returns the relationship's number.

    Raises PermissionDenied, Http404 for an unknown key, CannotDecide.
    """
    with writing(actor, "customer.related", WRITE_CUSTOMERS) as write:
        one, other = (fetch(Identifier, actor, pk=key) for key in (member, of))
        if role not in Relationship.Role.values:
            raise CannotDecide(_("Say as what: user, customer or sponsor."))
        if one.pk == other.pk or (one.customer_id is not None and one.customer_id == other.customer_id):
            raise CannotDecide(_("That is the same customer. Name another one."))
        if {one.pk, other.pk} & OpenForgetting.all_keys():
            raise CannotDecide(
                _("One of these customers is being forgotten: nothing is decided about them any more.")
            )
        relationship, _created = Relationship.objects.get_or_create(
            member=one, of=other, role=role, defaults={"by": actor.name or actor.kind}
        )
        write.about(relationship, after={"role": relationship.role})
    return relationship.pk


def unrelate(actor: Actor, relationship_id: int) -> None:
    """Take a relationship back. Raises PermissionDenied, Http404."""
    with writing(actor, "customer.unrelated", WRITE_CUSTOMERS) as write:
        relationship = fetch(Relationship, actor, pk=relationship_id)
        write.about(relationship, before={"role": relationship.role})
        relationship.delete()
