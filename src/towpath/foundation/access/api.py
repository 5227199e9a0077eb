"""Who may call an operation of the API: `@router.get(..., auth=needs(READ_EVENTS))`."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from towpath.foundation.access.actor import ANONYMOUS, Actor
from towpath.foundation.access.gate import require
from towpath.foundation.access.keys import actor_of_bearer
from towpath.foundation.access.rules import Permission


class KeyOrSession(AuthBase):
    """Finds out who calls, and refuses those who do not hold `wanted` (None: everybody who is signed in)."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, wanted: Permission | None) -> None:
        super().__init__()
        self.wanted = wanted

    def __call__(self, request: HttpRequest) -> Actor | None:
        """The actor, also left in `request.actor`; None (answered with 401) where nobody is signed in.

        Raises PermissionDenied (403) for a person without the role or a key without the scope.
        """
        actor = caller(request)
        if actor.kind == "anonymous":
            return None
        if self.wanted is not None:
            require(actor, self.wanted)
        request.actor = actor  # type: ignore[attr-defined]
        return actor


def needs(wanted: Permission | None) -> KeyOrSession:
    """For `auth=` of an operation: a session person (CSRF token needed to write) or `Authorization: Bearer
    KEY`.

    In the operation `request.auth` is the `Actor`.
    """
    return KeyOrSession(wanted)


def caller(request: HttpRequest) -> Actor:
    """Who calls. A request that brings a key is that key's, also where the browser sent a session's cookie
    with it."""
    if "Authorization" in request.headers:
        return actor_of_bearer(request)
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    if actor.kind == "person" and check_csrf(request) is not None:
        raise HttpError(403, "The CSRF token is missing or wrong: send it in the header X-CSRFToken.")
    return actor


def actor_in(request: HttpRequest) -> Actor:
    """The actor that `needs` found, as its type."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor
