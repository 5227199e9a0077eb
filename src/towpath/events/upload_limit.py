"""How large a file a browser may send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

TOO_LARGE = 413
IMPORT = "events:new-import"


class UploadLimitMiddleware:
    """Refuses a form with files that is larger than the limit before anything of it is read.

    A body without a declared length needs no look: Django reads none of it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.content_type != "multipart/form-data" or not length.isdecimal():
            return None
        takes_files = request.resolver_match is not None and request.resolver_match.view_name == IMPORT
        if int(length) <= (
            settings.UPLOAD_MAX_BYTES if takes_files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        ):
            return None
        if not takes_files:
            return HttpResponse(
                _("This form is too large."), status=TOO_LARGE, content_type="text/plain; charset=utf-8"
            )
        told = _(
            "The file has %(size)s; at most %(limit)s are taken here (TOWPATH_UPLOAD_MAX_BYTES). Compress it "
            "(gzip) or split it; or give it to `towpath import` at the command line, which takes any size."
        ) % {"size": filesizeformat(int(length)), "limit": filesizeformat(settings.UPLOAD_MAX_BYTES)}
        return render(request, "events/new_import.html", {"refused": told}, status=TOO_LARGE)
