"""The REST API: each area's router, in one OpenAPI document."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI

from towpath import __version__
from towpath.customers.api import router as customers
from towpath.events.api import router as events
from towpath.foundation.access.api import needs
from towpath.foundation.accounts.api import router as accounts
from towpath.foundation.audit.api import router as audit
from towpath.foundation.jobs.api import router as jobs
from towpath.journeys.api import router as journeys
from towpath.site.problems import speak_problems

PREFIX = "/api/"
DESCRIPTION = (
    "Sign in as a person (session cookie; writes send the CSRF token in X-CSRFToken), or send an API key as "
    "`Authorization: Bearer KEY`. Errors are RFC 9457 problems (application/problem+json)."
)

api = NinjaAPI(
    title="Towpath",
    version=__version__,
    description=DESCRIPTION,
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
)
speak_problems(api)
for area in (accounts, audit, jobs, events, customers, journeys):
    api.add_router("", area)


@api.get("/openapi.json", auth=needs(None), include_in_schema=False)
def openapi(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """This document. Whoever may call something may read what there is to call; passers-by learn nothing."""
    return api.get_openapi_schema(path_prefix=PREFIX)
