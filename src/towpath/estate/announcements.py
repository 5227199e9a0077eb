"""What the estate tells others."""

from __future__ import annotations

from towpath.foundation.outbox.announcing import Announcement


class EstateReported(Announcement, frozen=True):
    """A source told what it sees; it was taken in whole. `discovery`: its number."""

    discovery: int
    source: str
