"""Who may open what: every address of the pages and every operation of the API, as `docs/routes.md` lists
them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from django.urls import URLPattern, URLResolver, get_resolver

from towpath.foundation.access.api import KeyOrSession
from towpath.foundation.access.middleware import PUBLIC_ELSEWHERE, SELF_GUARDED
from towpath.foundation.access.rules import Permission
from towpath.foundation.people.rules import Role

CLOSED = "nobody"
SIGN_IN = "sign-in"


class Route(msgspec.Struct, frozen=True):
    """`access` is a permission's name, "public", "signed-in", "sign-in" (allauth decides) or "nobody"."""

    method: str
    address: str
    name: str
    access: str
    roles: list[str]


def page_routes() -> list[Route]:
    """Every address that Django resolves, without the API's."""
    return sorted(_walk(get_resolver().url_patterns, "/", ""), key=lambda route: route.address)


def operations() -> list[Route]:
    """Every operation of the API."""
    from towpath.site.api import api

    found: list[Route] = []
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                address = "/" + "/".join(
                    part.strip("/") for part in ("api", router.prefix, path) if part.strip("/")
                )
                access, roles = _needed(operation.auth_callbacks)
                found.extend(
                    Route(method, address, operation.view_func.__name__, access, roles)
                    for method in operation.methods
                )
    return sorted(found, key=lambda route: (route.address, route.method))


def table() -> str:
    """The two lists in Markdown."""
    lines = [
        "# Who may open what",
        "",
        "Written by `towpath routes`; a test compares it with the code, and another one tries each line.",
        "An API key needs the permission as its scope, and its owner one of the roles.",
    ]
    for title, routes in (("Pages", page_routes()), ("API", operations())):
        lines += ["", f"## {title}", "", "| Address | Method | KeyOrSession | Roles |", "|---|---|---|---|"]
        lines += [
            f"| `{route.address}` | {route.method} | {route.access} | {', '.join(route.roles)} |"
            for route in routes
        ]
    return "\n".join(lines) + "\n"


def _walk(patterns: Sequence[Any], before: str, namespace: str) -> Iterator[Route]:
    for entry in patterns:
        address = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, address, inner)
        elif isinstance(entry, URLPattern) and not entry.callback.__module__.startswith(SELF_GUARDED):
            access, roles = _stated(entry.callback)
            yield Route("any", address, f"{namespace}{entry.name}", access, roles)


def _stated(view: Any) -> tuple[str, list[str]]:
    if view.__module__.startswith(PUBLIC_ELSEWHERE):
        return SIGN_IN, []
    access = getattr(view, "access", None)
    if access is None:
        return CLOSED, []
    return (access.name, _roles(access)) if isinstance(access, Permission) else (access, [])


def _needed(callbacks: Sequence[Any]) -> tuple[str, list[str]]:
    guard = next((callback for callback in callbacks if isinstance(callback, KeyOrSession)), None)
    if guard is None:
        return CLOSED, []
    return (guard.wanted.name, _roles(guard.wanted)) if guard.wanted is not None else ("signed-in", [])


def _roles(wanted: Permission) -> list[str]:
    return [role.value for role in Role if role in wanted.roles]
