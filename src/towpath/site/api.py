"""The REST API: each area's router, in one OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI

from towpath import __version__
from towpath.catalogue.api import router as catalogue
from towpath.customers.api import router as customers
from towpath.desk.api import router as desk
from towpath.estate.api import router as estate
from towpath.events.api import router as events
from towpath.events.keeping.api import router as keeping
from towpath.foundation.access.api import needs
from towpath.foundation.accounts.api import router as accounts
from towpath.foundation.audit.api import router as audit
from towpath.foundation.jobs.api import router as jobs
from towpath.improvement.api import router as improvement
from towpath.improvement.review_api import router as reviews
from towpath.journeys.api import router as journeys
from towpath.site.problems import PROBLEM, speak_problems
from towpath.visibility.api import router as visibility

PREFIX = "/api/"
DESCRIPTION = (
    "Sign in as a person (session cookie; writes send the CSRF token in X-CSRFToken), or send an API key as "
    "`Authorization: Bearer KEY`. Errors are RFC 9457 problems (application/problem+json)."
)

PROBLEM_SHAPE = {
    "description": "An error, as RFC 9457 describes problems.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What went wrong, and what to do."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["location", "detail"],
                "properties": {"location": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
OTHERWISE = {
    "description": "A problem: what went wrong, and what to do.",
    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class SpokenAPI(NinjaAPI):
    """An API whose document also says how every operation answers when it does not do what was asked."""

    def get_openapi_schema(self, **asked: Any) -> dict[str, Any]:  # type: ignore[override]
        document: dict[str, Any] = super().get_openapi_schema(**asked)
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SHAPE
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"]["default"] = OTHERWISE
        return document


api = SpokenAPI(
    title="Towpath",
    version=__version__,
    description=DESCRIPTION,
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
)
speak_problems(api)
for area in (
    accounts,
    audit,
    jobs,
    events,
    keeping,
    customers,
    estate,
    catalogue,
    journeys,
    desk,
    improvement,
    reviews,
    visibility,
):
    api.add_router("", area)


@api.get("/openapi.json", auth=needs(None), include_in_schema=False)
def openapi(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """This document. Whoever may call something may read what there is to call; passers-by learn nothing."""
    return api.get_openapi_schema(path_prefix=PREFIX)
