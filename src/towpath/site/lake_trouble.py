"""When the lake cannot be read or written, people are told what the matter is and what to do."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from towpath.events.lake import LakeError


class LakeTroubleMiddleware:
    """Answers 503 with the words of a LakeError that a page let through; the API answers by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    @staticmethod
    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, LakeError):
            return None
        return render(request, "site/lake_trouble.html", {"reason": str(error)}, status=503)
