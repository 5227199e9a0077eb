"""Writes: who has an account, and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from towpath.foundation.access.actor import Actor
from towpath.foundation.accounts.rules import MANAGE_PEOPLE, OWN_ACCOUNT, drawn_password, known_roles
from towpath.foundation.audit.writing import Write, writing
from towpath.foundation.people.models import Person, RoleGrant
from towpath.foundation.people.rules import Role


@dataclass(frozen=True)
class NewPerson:
    """`password` is what to tell them, once; they change it themselves."""

    person: Person
    password: str


def create_person(
    actor: Actor, username: str, roles: Iterable[str], *, email: str = "", password: str = ""
) -> NewPerson:
    """Make an account. Without a password one is drawn.

    Raises ValidationError for an unknown role, and for a name, address or password that will not do.
    """
    with writing(actor, "person.created", MANAGE_PEOPLE) as write:
        wanted = known_roles(roles)
        person = Person(username=Person.normalize_username(username.strip()), email=email.strip())
        if person.email and Person.objects.filter(email__iexact=person.email).exists():
            raise ValidationError({"email": _("Somebody has this e-mail address already.")})
        if password:
            validate_password(password, person)
        told = password or drawn_password()
        person.set_password(told)
        person.full_clean()
        person.save()
        RoleGrant.objects.bulk_create(RoleGrant(person=person, role=role) for role in sorted(wanted))
        write.about(person, after=state_of(person))
    return NewPerson(person, told)


def grant_role(actor: Actor, username: str, role: str) -> Person:
    with writing(actor, "role.granted", MANAGE_PEOPLE) as write:
        person, before = _known(username)
        (wanted,) = known_roles([role])
        RoleGrant.objects.get_or_create(person=person, role=wanted)
        write.about(person, before=before, after=state_of(person))
    return person


def revoke_role(actor: Actor, username: str, role: str) -> Person:
    """Take a role away. Raises ValidationError where nobody would be left who can give it back."""
    with writing(actor, "role.revoked", MANAGE_PEOPLE) as write:
        person, before = _known(username)
        (unwanted,) = known_roles([role])
        if unwanted == Role.ADMINISTRATOR:
            _refuse_without_administrator(person)
        RoleGrant.objects.filter(person=person, role=unwanted).delete()
        write.about(person, before=before, after=state_of(person))
    return person


def close_account(actor: Actor, username: str) -> Person:
    """Nobody signs in with this account any more, and its keys stop. Raises ValidationError for the last
    administrator's."""
    with writing(actor, "account.closed", MANAGE_PEOPLE) as write:
        person, before = _known(username)
        _refuse_without_administrator(person)
        _set_active(person, active=False)
        write.about(person, before=before, after=state_of(person))
    return person


def reopen_account(actor: Actor, username: str) -> Person:
    with writing(actor, "account.reopened", MANAGE_PEOPLE) as write:
        person, before = _known(username)
        _set_active(person, active=True)
        write.about(person, before=before, after=state_of(person))
    return person


def reset_password(actor: Actor, username: str, *, password: str = "") -> str:
    """Give somebody who cannot sign in a new password, drawn unless given; their sessions end. Returns it."""
    with writing(actor, "password.reset", MANAGE_PEOPLE) as write:
        person, _before = _known(username)
        if password:
            validate_password(password, person)
        told = password or drawn_password()
        _store_password(person, told, write)
    return told


def change_own_password(actor: Actor, person: Person, password: str) -> None:
    """The form has checked the old one. Raises ValidationError for a new one that will not do."""
    with writing(actor, "password.changed", OWN_ACCOUNT) as write:
        validate_password(password, person)
        _store_password(person, password, write)


def state_of(person: Person) -> dict[str, object]:
    """What the audit log keeps of an account: what it may do. The e-mail address stays out of it."""
    return {
        "roles": sorted(RoleGrant.objects.filter(person=person).values_list("role", flat=True)),
        "teams": sorted(person.teams.values_list("key", flat=True)),
        "active": person.is_active,
    }


def _store_password(person: Person, password: str, write: Write) -> None:
    person.set_password(password)
    person.save(update_fields=["password"])
    write.about(person)


def _set_active(person: Person, *, active: bool) -> None:
    person.is_active = active
    person.save(update_fields=["is_active"])


def _known(username: str) -> tuple[Person, dict[str, object]]:
    person = Person.objects.select_for_update().filter(username=username).first()
    if person is None:
        raise Http404(_("There is no account named %(name)s.") % {"name": username})
    return person, state_of(person)


def _refuse_without_administrator(leaving: Person) -> None:
    """The grants are locked, so that two administrators cannot each remove the other at once."""
    grants = RoleGrant.objects.select_for_update().filter(role=Role.ADMINISTRATOR, person__is_active=True)
    holders = {grant.person_id for grant in grants}
    if holders == {leaving.pk}:
        raise ValidationError(
            _("%(name)s is the only administrator: make somebody else one first.")
            % {"name": leaving.username}
        )
