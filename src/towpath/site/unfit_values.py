"""A value that the records' database cannot hold is the asker's mistake, not Towpath's failure.

PostgreSQL takes no NUL in a text and no number beyond its column; SQLite takes both. What forms and schemas
let through (an address has no schema) is answered with 400 here, and with 422 by the API.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponseBase
from django.views.defaults import bad_request


class UnfitValuesMiddleware:
    """Answers 400 where a page met a DataError; the API answers by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    @staticmethod
    def process_exception(request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        return bad_request(request, error) if isinstance(error, DataError) else None
