"""`/healthz`: this process answers. `/readyz`: it can also do its work; if not, which part cannot."""

from __future__ import annotations

import os
from collections.abc import Callable

import structlog
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from towpath.foundation.operations.home import home

log = structlog.get_logger("towpath.health")


def records_answer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def migrations_are_applied() -> bool:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def home_is_writable() -> bool:
    return os.access(home().root, os.W_OK | os.X_OK)


CHECKS: dict[str, Callable[[], bool]] = {
    "records": records_answer,
    "migrations": migrations_are_applied,
    "home": home_is_writable,
}
TROUBLE: set[type[Exception]] = {DatabaseError, OSError}
"""What a check raises when it fails. Areas add checks, and errors of their own."""


def failing() -> list[str]:
    """The names of the checks that fail. Why stands in the log; the address is public and tells no more."""
    names = []
    for name, check in CHECKS.items():
        try:
            passed = check()
        except tuple(TROUBLE) as error:
            log.error("not ready", check=name, error=str(error))
            passed = False
        if not passed:
            names.append(name)
    return names


@never_cache
@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    failed = failing()
    checks = {name: "failing" if name in failed else "passing" for name in CHECKS}
    return JsonResponse(
        {"status": "not ready" if failed else "ready", "checks": checks}, status=503 if failed else 200
    )
