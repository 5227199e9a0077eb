"""Facts about journeys that higher areas may want to know."""

from __future__ import annotations

from towpath.foundation.outbox.announcing import Announcement


class JourneyApplied(Announcement, frozen=True):
    """A journey has a new version."""

    key: str
    version: int
    digest: str
