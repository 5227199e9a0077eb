"""Permissions: what may be done, and which roles may do it. An API key's scopes are the same names."""

from __future__ import annotations

from dataclasses import dataclass

from towpath.foundation.people.rules import STAFF, Role


@dataclass(frozen=True)
class Permission:
    """`name` is "area:verb" ("events:read"); `roles` are those that hold it."""

    name: str
    roles: frozenset[Role]

    def __str__(self) -> str:
        return self.name


_declared: dict[str, Permission] = {}


def permission(name: str, *roles: Role) -> Permission:
    """Declare a permission, once, in the `rules.py` of the area it guards.

    Raises ValueError when the name is taken with other roles.
    """
    wanted = Permission(name, frozenset(roles))
    known = _declared.setdefault(name, wanted)
    if known != wanted:
        raise ValueError(f"permission {name!r} is declared twice, with different roles")
    return known


def declared() -> dict[str, Permission]:
    """All permissions, by name."""
    return dict(sorted(_declared.items()))


OWN_KEYS = permission("keys:own", *STAFF)
MANAGE_KEYS = permission("keys:manage", Role.ADMINISTRATOR)
READ_METRICS = permission("metrics:read", Role.ADMINISTRATOR)
