"""Who may see and move announcements that are stuck; how long to wait between tries."""

from __future__ import annotations

from datetime import timedelta

from towpath.foundation.access.rules import permission
from towpath.foundation.people.rules import Role

READ_OUTBOX = permission("outbox:read", Role.ADMINISTRATOR)
MANAGE_OUTBOX = permission("outbox:manage", Role.ADMINISTRATOR)

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(hours=1)
STUCK_AFTER = 5
"""Tries that failed before a person is told. The tries go on, once an hour at last."""


def pause_after(attempts: int) -> timedelta:
    """How long to wait after that many failures: 1, 2, 4, ... seconds, an hour at most."""
    doublings: int = 2 ** min(attempts - 1, 20)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)
