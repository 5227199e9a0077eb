"""Forgetting a customer: everywhere, for good, and in a way that nothing brings them back.

A forgetting is a record (`OpenForgetting`) until it is done, so that one which was killed, or must wait for
imports, is finished by `go_on`.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.customers.forgetting import ImportsRun, refuse_beside_imports
from towpath.customers.joining.applying import alone
from towpath.customers.models import Customer, Identifier, OpenForgetting
from towpath.customers.queries.story import events_of
from towpath.customers.rules import FORGET_CUSTOMERS
from towpath.events import keys
from towpath.events.envelope import is_key, subject_key
from towpath.events.lake import LakeBusy
from towpath.events.store import FORGETTING, in_turn, lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing
from towpath.foundation.operations.forgetting import Person, erase_everywhere, scrub_records

FORGOTTEN = "customer.forgotten"
FINISHED = "customer.forgotten_at_last"
WAITS_S = 600.0


class Forgetting(msgspec.Struct, frozen=True):
    """What was removed or blotted out, by place; `identifiers` is how many the customer had."""

    key: str
    identifiers: int
    removed: dict[str, int]


def forget(actor: Actor, customer: str) -> Forgetting:
    """Forget the customer with this key, or this identifier ("mail:a@b.example").

    Raises PermissionDenied, Http404 where nothing is known under such a key, LakeBusy, ImportsRun. An
    identifier may be known from inbox or quarantine alone, so with one nothing is refused. Once it was begun,
    it is finished whatever is raised or killed.
    """
    require(actor, FORGET_CUSTOMERS)
    with in_turn(FORGETTING, WAITS_S):
        key, person = _begin(actor, customer)
        return Forgetting(str(key), len(person.identifiers), _carry_out(person))


def go_on(actor: Actor) -> int:
    """Finish what was begun and nobody works on; returns how many customers were forgotten."""
    require(actor, FORGET_CUSTOMERS)
    done = 0
    for key in OpenForgetting.objects.order_by("pk").values_list("key", flat=True):
        with suppress(LakeBusy, ImportsRun), in_turn(FORGETTING, 0):
            row = OpenForgetting.objects.filter(key=key).first()
            if row is not None and row.keys:
                _carry_out(_person_in(row))
                with writing(actor, FINISHED, FORGET_CUSTOMERS) as write:
                    write.target_type, write.target = Customer._meta.label, str(keys.token_of(key))
                done += 1
            elif row is not None:
                _let_go()
    return done


class _JoinedMeanwhile(Exception):
    """Who they are has changed since it was read."""


def _begin(actor: Actor, customer: str) -> tuple[int, Person]:
    """Note who is to be forgotten, before anything is removed: from then on nobody is joined with them.

    Raises Http404.
    """
    while True:
        key = _key_of(customer)
        seen = _identifiers_of(key)
        person = _with_what_is_open(key, customer)
        with suppress(_JoinedMeanwhile), writing(actor, FORGOTTEN, FORGET_CUSTOMERS) as write, alone():
            if (_key_of(customer), _identifiers_of(key)) != (key, seen):
                raise _JoinedMeanwhile
            write.target_type, write.target = Customer._meta.label, str(keys.token_of(key))
            noted = {"identifiers": list(person.identifiers), "keys": sorted(person.keys), "at": person.at}
            OpenForgetting.objects.update_or_create(key=key, defaults=noted)
            return key, person


def _carry_out(person: Person) -> dict[str, int]:
    """What is still to be removed, by place. Raises LakeBusy, ImportsRun."""
    keys.forget_keys(person.keys, person.at)
    refuse_beside_imports()
    removed = erase_everywhere(person)
    _let_go()
    return removed


def _let_go() -> None:
    """The last step: what is noted of those of whom nothing is left but traces in the records' file."""
    left = [row.pk for row in OpenForgetting.objects.all() if not row.keys]
    if scrub_records():
        OpenForgetting.objects.filter(pk__in=left).delete()


def _identifiers_of(key: int) -> set[int]:
    return set(Identifier.objects.filter(customer_id=key).values_list("pk", flat=True))


def _with_what_is_open(key: int, customer: str) -> Person:
    """Who that is, by what is left of them and by what was noted when it was begun. Raises Http404."""
    row = OpenForgetting.objects.filter(key=key).first()
    if row is None:
        return _person(key, customer)
    begun = _person_in(row)
    try:
        left = _person(key, customer)
    except Http404:
        return begun
    named = {*begun.identifiers, *left.identifiers}
    return Person(tuple(sorted(named)), begun.keys | left.keys, left.at)


def _person_in(row: OpenForgetting) -> Person:
    return Person(tuple(row.identifiers), frozenset(row.keys), row.at)


def ask_to_forget(actor: Actor, key: int) -> None:
    """Note who wants this customer forgotten (enqueue `forget_customer` in the same transaction).

    Raises PermissionDenied, Http404.
    """
    with writing(actor, "customer.forgetting_asked", FORGET_CUSTOMERS) as write:
        _person(key, str(key))
        write.target_type, write.target = Customer._meta.label, str(keys.token_of(key))


def _key_of(customer: str) -> int:
    named = int(customer) if is_key(customer) else subject_key(f"customer:{customer}")
    found = Identifier.objects.filter(pk=named).values_list("customer_id", flat=True).first()
    return named if found is None else found


def _person(key: int, customer: str) -> Person:
    rows = Identifier.objects.filter(customer_id=key)
    identifiers = {row.written for row in rows}
    if not is_key(customer):
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
