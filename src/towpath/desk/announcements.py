"""What the desk tells others."""

from __future__ import annotations

from towpath.foundation.outbox.announcing import Announcement


class DeskDefined(Announcement, frozen=True):
    """A desk was made, or its source is read differently from now on."""

    name: str


class AgreementsApplied(Announcement, frozen=True):
    """Other agreements are in force."""

    number: int
