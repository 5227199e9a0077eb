"""One line and two figures for every request: which route, how it ended, how long it took. Never what it
carried."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponseBase
from prometheus_client import Counter, Histogram

from towpath.foundation.operations.logs import REQUESTS

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
QUIET = frozenset({"healthz", "readyz", "metrics"})
"""Routes that machines ask every few seconds: counted, but not logged."""

requests_total = Counter("towpath_requests", "Requests answered.", ["method", "route", "status"])
request_seconds = Histogram(
    "towpath_request_duration_seconds", "Time until the answer began.", ["method", "route"]
)
log = structlog.get_logger(REQUESTS)


def request_id_of(request: HttpRequest) -> str:
    """What the caller calls this request, if that is harmless in a log; else a new name."""
    given = request.headers.get("X-Request-ID", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


class RequestMiddleware:
    """Names the request in all that is logged meanwhile (`request_id`), and counts it when it is answered.

    The route is the pattern, not the path: no customer's name or key in it reaches logs and metrics.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = request_id_of(request)
        with structlog.contextvars.bound_contextvars(request_id=name):
            begun = time.perf_counter()
            response = self.get_response(request)
            response["X-Request-ID"] = name
            self._note(request, response, time.perf_counter() - begun)
        return response

    @staticmethod
    def _note(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        match = request.resolver_match
        route = "/" + match.route if match else "(none)"
        method = request.method if request.method in METHODS else "(other)"
        requests_total.labels(method, route, response.status_code).inc()
        request_seconds.labels(method, route).observe(seconds)
        if match is None or match.url_name not in QUIET:
            log.info(
                "request",
                method=method,
                route=route,
                status=response.status_code,
                ms=round(seconds * 1000, 1),
                actor=getattr(getattr(request, "actor", None), "kind", "anonymous"),
            )


METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
