"""The gate's front: finds out who acts, and refuses every view that does not say who may open it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url

from towpath.foundation.access.actor import ANONYMOUS, actor_of
from towpath.foundation.access.gate import require
from towpath.foundation.access.keys import actor_of_bearer
from towpath.foundation.access.routes import Access

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PUBLIC_ELSEWHERE = ("allauth.",)
"""Modules of other packages whose views decide by themselves (sign-in pages must be open to be of use)."""
SELF_GUARDED = ("ninja.",)
"""The API authenticates each operation by itself (`needs`); a test holds that none is without."""


def brings_files(request: HttpRequest) -> bool:
    """Whether the body is a form larger than any without files. Reading it writes files, also at sign-in."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    declared = int(length) if length.isdecimal() else 0
    multipart = request.content_type == "multipart/form-data"
    return multipart and declared > settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class AccessMiddleware:
    """Sets `request.actor`; sends the anonymous to sign in; refuses the rest with 403."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = getattr(request, "user", None)
        signed_in = person is not None and person.is_authenticated
        request.actor = actor_of(person) if signed_in else ANONYMOUS  # type: ignore[attr-defined, arg-type]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponseBase | None:
        module = getattr(view, "__module__", "")
        if request.actor.kind == "anonymous" and brings_files(request):  # type: ignore[attr-defined]
            return HttpResponse(status=413)
        if module.startswith(PUBLIC_ELSEWHERE + SELF_GUARDED):
            return None
        access: Access | None = getattr(view, "access", None)
        if access is None:
            raise PermissionDenied(f"{module}.{getattr(view, '__name__', view)} does not say who may open it")
        if getattr(view, "takes_keys", False) and "Authorization" in request.headers:
            request.actor = actor_of_bearer(request)  # type: ignore[attr-defined]
            if request.actor.kind == "anonymous":  # type: ignore[attr-defined]
                return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        return self._decide(request, access)

    @staticmethod
    def _decide(request: HttpRequest, access: Access) -> HttpResponseBase | None:
        if access == "public":
            return None
        actor = request.actor  # type: ignore[attr-defined]
        if actor.kind == "anonymous":
            return _to_sign_in(request)
        if access != "signed-in":
            require(actor, access)
        return None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and back from there. A part that a page asks for by itself (htmx) moves the whole
    page: it would else take the sign-in page in as that part, scripts and all."""
    sign_in = resolve_url(settings.LOGIN_URL)
    if "HX-Request" not in request.headers:
        return redirect_to_login(request.get_full_path(), sign_in)
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    moved = redirect_to_login(page._replace(scheme="", netloc="").geturl() or "/", sign_in)
    return HttpResponse(headers={"HX-Redirect": moved["Location"]})
