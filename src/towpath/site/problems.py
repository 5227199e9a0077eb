"""Errors of the API as RFC 9457 says: `application/problem+json` with type, title, status, detail and
errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.core import exceptions
from django.core.exceptions import PermissionDenied
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from towpath.events.accepting import InboxFull
from towpath.events.inbox import InboxBroken
from towpath.events.lake import LakeError
from towpath.events.receiving import BodyRefused
from towpath.site.lake_trouble import answered_again

PROBLEM = "application/problem+json"
API = "/api/"


def problem(
    status: int, detail: str, errors: Iterable[dict[str, str]] = (), *, title: str = ""
) -> HttpResponse:
    """An error's answer. `errors` are {"location": "body/name", "detail": ...}; `detail` says what to do."""
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if listed := list(errors):
        told["errors"] = listed
    headers = {"WWW-Authenticate": 'Bearer realm="Towpath"'} if status == HTTPStatus.UNAUTHORIZED else {}
    return JsonResponse(told, status=status, content_type=PROBLEM, headers=headers)


def _http_error(_request: HttpRequest, error: Any) -> HttpResponse:
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        return problem(401, _("Sign in, or send a working API key as 'Authorization: Bearer KEY'."))
    return problem(error.status_code, error.message)


def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    errors = [
        {"location": "/".join(str(part) for part in found["loc"]), "detail": str(found["msg"])}
        for found in error.errors
    ]
    return problem(422, _("The request does not have the shape that this operation takes."), errors)


def _refused(_request: HttpRequest, error: Any) -> HttpResponse:
    """An action would not do it: its reasons are written for people."""
    if not hasattr(error, "error_dict"):
        return problem(422, " ".join(error.messages))
    errors = [
        {"location": f"body/{name}", "detail": reason}
        for name, reasons in error.message_dict.items()
        for reason in reasons
    ]
    return problem(422, " ".join(error.messages), errors)


def _forbidden(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(403, str(error) or _("You may not do this."))


def _not_found(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(404, str(error) or _("There is nothing at this address."))


def _no_lake(request: HttpRequest, error: Any) -> HttpResponse:
    return answered_again(request, error) or problem(503, str(error))


def _no_inbox(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(503, str(error))


def _body_refused(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(error.status, error.detail, title=error.title)


def _inbox_full(_request: HttpRequest, error: Any) -> HttpResponse:
    answer = problem(429, str(error))
    answer["Retry-After"] = str(error.retry_after)
    return answer


def _unfit(_request: HttpRequest, _error: Any) -> HttpResponse:
    return problem(422, _("A text or number in the request cannot be kept: it holds a NUL, or is too large."))


def _unexpected(_request: HttpRequest, error: Any) -> HttpResponse:
    raise error


def speak_problems(api: NinjaAPI) -> None:
    """Answer every error inside an operation as a problem."""
    api.add_exception_handler(HttpError, _http_error)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(exceptions.ValidationError, _refused)
    api.add_exception_handler(PermissionDenied, _forbidden)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(LakeError, _no_lake)
    api.add_exception_handler(InboxBroken, _no_inbox)
    api.add_exception_handler(InboxFull, _inbox_full)
    api.add_exception_handler(BodyRefused, _body_refused)
    api.add_exception_handler(DataError, _unfit)
    api.add_exception_handler(Exception, _unexpected)


DETAILS: dict[int, str] = {
    400: "The request cannot be read.",
    404: "There is nothing at this address: /api/openapi.json lists what there is.",
    405: "This address does not take this method: /api/openapi.json lists those that it takes.",
    500: "Towpath failed here. The log holds the reason under the request's id (header X-Request-ID).",
}


class ProblemMiddleware:
    """Turns what errors outside of operations answer (no such address, wrong method, a crash) into problems
    too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        told = response.headers.get("Content-Type", "")
        if (
            response.status_code < HTTPStatus.BAD_REQUEST
            or told == PROBLEM
            or not request.path.startswith(API)
        ):
            return response
        answer = problem(response.status_code, DETAILS.get(response.status_code, _("This did not work.")))
        if "Allow" in response.headers:
            answer["Allow"] = response.headers["Allow"]
        return answer
