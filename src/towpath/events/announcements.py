"""What the events area tells others."""

from __future__ import annotations

from datetime import datetime

from towpath.foundation.outbox.announcing import Announcement


class EventsAbsorbed(Announcement, frozen=True):
    """Events of a source came into the lake's body. `months` are those that changed ("2011-10", UTC).

    `first_received`: no event that came was received before; None where others went too, or it is not known.
    """

    source: str
    written: int
    months: tuple[str, ...]
    first_received: datetime | None = None


class EventsFlushed(Announcement, frozen=True):
    """Events that came over HTTP, or were mended, can be queried now: so many were new, received between the
    two moments."""

    written: int
    first_received: datetime
    last_received: datetime
