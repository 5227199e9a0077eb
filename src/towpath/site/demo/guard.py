"""Nothing real comes in among what is invented: while the demo company shows, no door takes events."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from towpath.site.demo.showing import is_invented
from towpath.site.problems import problem

SIGN = "Towpath-Invented"
"""A header of every answer: what waits for the own store to open sees by it that it has."""
API_DOORS = ("/api/events", "/api/quarantine/", "/api/calls/")
PAGE_DOORS = ("/events/import", "/events/quarantine/", "/desk-calls-import/")
"""Where events, files and records that had been refused come in."""


class InventedMiddleware:
    """Answers 409 where events would come in, and says what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_invented():
            return self.get_response(request)
        response = self._refused(request) or self.get_response(request)
        response[SIGN] = "yes"
        return response

    @staticmethod
    def _refused(request: HttpRequest) -> HttpResponseBase | None:
        if request.method != "POST":
            return None
        if request.path.startswith(API_DOORS):
            return problem(
                409,
                _(
                    "An invented company is shown here, and nothing real may come in. Press “Start with my "
                    "own data” on any page, or start with `towpath up --no-demo`, then send again."
                ),
            )
        if request.path.startswith(PAGE_DOORS):
            return render(request, "site/demo_refused.html", status=409)
        return None
