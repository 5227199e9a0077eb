"""When the lake cannot be read or written, people are told what the matter is and what to do."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from towpath.events.lake import LakeError, SnapshotGone


class LakeTroubleMiddleware:
    """Answers 503 with the words of a LakeError that a page let through; the API answers by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    @staticmethod
    def process_exception(request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if not isinstance(error, LakeError):
            return None
        try:
            again = answered_again(request, error)
        except LakeError as still:
            error, again = still, None
        return again or render(request, "site/lake_trouble.html", {"reason": str(error)}, status=503)


def answered_again(request: HttpRequest, error: LakeError) -> HttpResponse | None:
    """The answer from a new snapshot, where files of the old one went while it was being read (once)."""
    match = request.resolver_match
    if not isinstance(error, SnapshotGone) or request.method not in ("GET", "HEAD") or match is None:
        return None
    if getattr(request, "is_second_reading", False):
        return None
    request.is_second_reading = True  # type: ignore[attr-defined]
    answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return answer
