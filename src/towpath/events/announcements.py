"""What the events area tells others."""

from __future__ import annotations

from datetime import datetime

from towpath.foundation.outbox.announcing import Announcement


class EventsAbsorbed(Announcement, frozen=True):
    """Events of a source came into the lake's body. `months` are those that changed ("2011-10", UTC)."""

    source: str
    written: int
    months: tuple[str, ...]


class EventsFlushed(Announcement, frozen=True):
    """Events that came over HTTP can be queried now: so many were new, received between the two moments."""

    written: int
    first_received: datetime
    last_received: datetime
