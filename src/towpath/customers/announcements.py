"""What the customers area tells others."""

from __future__ import annotations

from towpath.foundation.outbox.announcing import Announcement


class CustomersMerged(Announcement, frozen=True):
    """What were customers of their own is one now. Keys as text: JSON numbers are not exact beyond 2**53."""

    kept: str
    joined: tuple[str, ...]


class CustomersParted(Announcement, frozen=True):
    """What was one customer is several now."""

    before: str
    parts: tuple[str, ...]


class LinkRulesApplied(Announcement, frozen=True):
    """Other rules say who is who from now on."""

    version: int
