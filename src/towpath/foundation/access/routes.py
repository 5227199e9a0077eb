"""A page's address and who may open it are stated together; what states nothing is closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

from towpath.foundation.access.actor import Actor
from towpath.foundation.access.rules import Permission

Access = Permission | Literal["public", "signed-in"]


class ActorRequest(HttpRequest):
    """A request that passed `AccessMiddleware`."""

    actor: Actor


def route(
    pattern: str, view: Callable[..., HttpResponseBase], *, name: str, access: Access, keys: bool = False
) -> URLPattern:
    """Like Django's `path`, with who may open it: `AccessMiddleware` refuses every view that came another
    way.

    With `keys`, programs may open it too, with an API key that has the scope.
    """

    def guarded(request: ActorRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    guarded.__name__ = getattr(view, "__name__", name)
    guarded.__doc__ = view.__doc__
    guarded.access = access  # type: ignore[attr-defined]
    guarded.takes_keys = keys  # type: ignore[attr-defined]
    guarded.view = view  # type: ignore[attr-defined]
    if getattr(view, "csrf_exempt", False):
        guarded.csrf_exempt = True  # type: ignore[attr-defined]
    return path(pattern, guarded, name=name)
