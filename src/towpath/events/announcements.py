"""What the events area tells others."""

from __future__ import annotations

from towpath.foundation.outbox.announcing import Announcement


class EventsAbsorbed(Announcement, frozen=True):
    """Events of a source came into the lake's body. `months` are those that changed ("2011-10", UTC)."""

    source: str
    written: int
    months: tuple[str, ...]
