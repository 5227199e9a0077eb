"""Who acts: a person, a program with an API key, or the operator at the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from towpath.foundation.access.rules import Permission

if TYPE_CHECKING:
    from towpath.foundation.people.models import Person
    from towpath.foundation.people.rules import Role

ActorKind = Literal["anonymous", "person", "key", "operator"]


@dataclass(frozen=True)
class Actor:
    """The one value that every action and query takes to decide access."""

    kind: ActorKind
    name: str = ""
    person_id: int | None = None
    key_id: int | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)

    def may(self, wanted: Permission) -> bool:
        if self.kind == "operator":
            return True
        if self.kind == "key":
            owner_may = self.person_id is None or bool(wanted.roles & self.roles)
            return wanted.name in self.scopes and owner_may
        return bool(wanted.roles & self.roles)


ANONYMOUS = Actor("anonymous")
OPERATOR = Actor("operator", name="operator")
"""Whoever can run commands on the machine that holds the data; the audit log names them so."""


def actor_of(person: Person) -> Actor:
    """The actor that a signed-in person is; without roles where the account was closed."""
    if not person.is_active:
        return ANONYMOUS
    return Actor("person", name=person.username, person_id=person.pk, roles=person.roles())
