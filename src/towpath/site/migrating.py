"""The records' tables are brought up to date by one process at a time, however many start at once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor

from towpath.foundation.operations.home import home

LOCK = "migrating.lock"
ADVISORY = 0x746F7770617468
"""PostgreSQL's lock of that number ("towpath" in ASCII) is ours: nodes that share records share no folder."""


def bring_up_to_date() -> None:
    """Make the tables what this version expects; returns at once where they are. Raises OperationalError."""
    if not _behind():
        return
    with _alone():
        # Whoever came first may have done it meanwhile.
        if _behind():
            call_command("migrate", interactive=False, verbosity=0)


def changes_to_come() -> list[str]:
    """Names of the changes of tables that `bring_up_to_date` would make."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def _behind() -> bool:
    return bool(changes_to_come())


@contextmanager
def _alone() -> Iterator[None]:
    """Waits for whoever is at it. What a process held goes when it dies."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [ADVISORY])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [ADVISORY])
        return
    descriptor = os.open(home().root / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
