"""API: who am I, people, and API keys."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Status

from towpath.foundation.access.api import actor_in, needs
from towpath.foundation.access.rules import OWN_KEYS
from towpath.foundation.access.shapes import shape_of, shapes_of
from towpath.foundation.accounts import queries
from towpath.foundation.accounts.actions import keys as key_actions
from towpath.foundation.accounts.rules import READ_PEOPLE
from towpath.foundation.accounts.schemas import MadeKey, WantedKey

router = Router(tags=["accounts"])


@router.get("/me", auth=needs(None), response=shape_of(queries.Me))
def who_am_i(request: HttpRequest) -> queries.Me:
    """Who calls, and what they may do."""
    return queries.me(actor_in(request))


@router.get("/people", auth=needs(READ_PEOPLE), response=shapes_of(queries.PersonRecord))
def list_people(request: HttpRequest) -> list[queries.PersonRecord]:
    """Everybody who has an account."""
    return queries.people(actor_in(request))


@router.get("/teams", auth=needs(READ_PEOPLE), response=shapes_of(queries.TeamRecord))
def list_teams(request: HttpRequest) -> list[queries.TeamRecord]:
    """Teams and who works in them."""
    return queries.teams(actor_in(request))


@router.get("/keys", auth=needs(OWN_KEYS), response=shapes_of(queries.KeyRecord))
def list_keys(request: HttpRequest) -> list[queries.KeyRecord]:
    """The caller's API keys; everybody's, for those who manage them."""
    return queries.keys(actor_in(request))


@router.post("/keys", auth=needs(OWN_KEYS), response={201: MadeKey})
def create_key(request: HttpRequest, wanted: WantedKey) -> Status[MadeKey]:
    """Make an API key. A person may; a key may not."""
    made = key_actions.create_key(actor_in(request), wanted.name, wanted.scopes, days=wanted.days)
    shown = MadeKey(name=made.key.name, prefix=made.key.prefix, scopes=made.key.scopes, key=made.text)
    return Status(201, shown)


@router.delete("/keys/{prefix}", auth=needs(OWN_KEYS), response={204: None})
def revoke_key(request: HttpRequest, prefix: str) -> Status[None]:
    """Stop a key for good."""
    key_actions.revoke_key(actor_in(request), prefix)
    return Status(204, None)
