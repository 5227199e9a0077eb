"""Forgetting a customer: everywhere, for good, and in a way that nothing brings them back."""

from __future__ import annotations

import msgspec
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.customers.models import Customer, Identifier
from towpath.customers.queries.story import events_of
from towpath.customers.rules import FORGET_CUSTOMERS
from towpath.events import keys
from towpath.events.envelope import subject_key
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing
from towpath.foundation.operations.forgetting import Person, erase_everywhere

FORGOTTEN = "customer.forgotten"


class Forgetting(msgspec.Struct, frozen=True):
    """What was removed or blotted out, by place; `identifiers` is how many the customer had."""

    key: str
    identifiers: int
    removed: dict[str, int]


def forget(actor: Actor, customer: str) -> Forgetting:
    """Forget the customer with this key, or this identifier ("mail:a@b.example").

    Raises PermissionDenied, Http404 where nothing is known under such a key, LakeBusy. An identifier may be
    known from inbox or quarantine alone, so with one nothing is refused: broken off, the same again goes on.
    """
    require(actor, FORGET_CUSTOMERS)
    key = _key_of(customer)
    person = _person(key, customer)
    # Before anything is removed: that it was begun is on record whatever happens then.
    with writing(actor, FORGOTTEN, FORGET_CUSTOMERS) as write:
        write.target_type, write.target = Customer._meta.label, str(keys.token_of(key))
    return Forgetting(str(key), len(person.identifiers), erase_everywhere(person))


def ask_to_forget(actor: Actor, key: int) -> None:
    """Note who wants this customer forgotten (enqueue `forget_customer` in the same transaction).

    Raises PermissionDenied, Http404.
    """
    with writing(actor, "customer.forgetting_asked", FORGET_CUSTOMERS) as write:
        _person(key, str(key))
        write.target_type, write.target = Customer._meta.label, str(keys.token_of(key))


def _key_of(customer: str) -> int:
    named = int(customer) if _is_key(customer) else subject_key(f"customer:{customer}")
    found = Identifier.objects.filter(pk=named).values_list("customer_id", flat=True).first()
    return named if found is None else found


def _is_key(customer: str) -> bool:
    return customer.lstrip("-").isdecimal()


def _person(key: int, customer: str) -> Person:
    rows = Identifier.objects.filter(customer_id=key)
    identifiers = {row.written for row in rows}
    if not _is_key(customer):
        identifiers.add(customer)
    events = events_of(lake().snapshot(), key)
    identifiers |= {each for each in events["identifier"].unique().to_pylist() if each}
    if not identifiers and not len(events):
        raise Http404(_("Nothing is known of a customer %(customer)s.") % {"customer": customer})
    own = {subject_key(f"customer:{each}") for each in identifiers}
    return Person(
        tuple(sorted(identifiers)),
        frozenset({key, *own, *rows.values_list("pk", flat=True)}),
        timezone.now(),
    )
