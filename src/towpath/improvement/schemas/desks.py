"""The tickets that show a finding."""

from __future__ import annotations

import msgspec

from towpath.desk.schemas.insights import Shown


class FindingTickets(msgspec.Struct, frozen=True):
    """One page of a finding's tickets, those open longest first. `total`: how many there are."""

    digest: str
    desk: str
    total: int
    tickets: tuple[Shown, ...]
