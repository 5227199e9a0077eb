"""Reads: people, teams and API keys, as pages, API and commands show them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import fetch, require, visible
from towpath.foundation.access.models import ApiKey
from towpath.foundation.access.rules import declared
from towpath.foundation.accounts.rules import READ_PEOPLE
from towpath.foundation.people.models import Person, Team


class Me(msgspec.Struct, frozen=True):
    """Who calls, and what they may do."""

    kind: str
    name: str
    roles: list[str]
    permissions: list[str]


class PersonRecord(msgspec.Struct, frozen=True):
    id: int
    username: str
    email: str
    roles: list[str]
    teams: list[str]
    active: bool
    last_sign_in: datetime | None


class TeamRecord(msgspec.Struct, frozen=True):
    key: str
    name: str
    members: list[str]


class KeyRecord(msgspec.Struct, frozen=True):
    """A key as everybody sees it after it was made: without its secret."""

    name: str
    prefix: str
    scopes: list[str]
    owner: str
    created: datetime
    expires: datetime | None
    last_used: datetime | None
    revoked: datetime | None
    works: bool


def me(actor: Actor) -> Me:
    held = [name for name, wanted in declared().items() if actor.may(wanted)]
    return Me(actor.kind, actor.name, sorted(actor.roles), held)


def people(actor: Actor) -> list[PersonRecord]:
    require(actor, READ_PEOPLE)
    return [_person(row) for row in Person.objects.prefetch_related("role_grants", "teams")]


def person(actor: Actor, person_id: int) -> PersonRecord | None:
    require(actor, READ_PEOPLE)
    row = Person.objects.prefetch_related("role_grants", "teams").filter(pk=person_id).first()
    return _person(row) if row is not None else None


def teams(actor: Actor) -> list[TeamRecord]:
    require(actor, READ_PEOPLE)
    rows = Team.objects.prefetch_related("members")
    return [TeamRecord(row.key, row.name, [member.username for member in row.members.all()]) for row in rows]


def keys(actor: Actor) -> list[KeyRecord]:
    """The actor's own keys; all, for those who manage them. The newest first."""
    return [_key(row) for row in visible(ApiKey, actor)]


def key(actor: Actor, prefix: str) -> KeyRecord:
    """One key. Raises Http404 where there is none that the actor may see."""
    return _key(fetch(ApiKey, actor, prefix=prefix))


def _person(row: Person) -> PersonRecord:
    return PersonRecord(
        id=row.pk,
        username=row.username,
        email=row.email,
        roles=sorted(row.roles()),
        teams=[team.name for team in row.teams.all()],
        active=row.is_active,
        last_sign_in=row.last_login,
    )


def _key(row: ApiKey) -> KeyRecord:
    return KeyRecord(
        name=row.name,
        prefix=row.prefix,
        scopes=row.scopes,
        owner=row.owner.username if row.owner is not None else "",
        created=row.created_at,
        expires=row.expires_at,
        last_used=row.last_used_at,
        revoked=row.revoked_at,
        works=row.works,
    )
