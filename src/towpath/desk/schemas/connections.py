"""A connection to a helpdesk as lists show it."""

from __future__ import annotations

from datetime import datetime

import msgspec


class ConnectionShown(msgspec.Struct, frozen=True):
    """`fetched_up_to`: changes until then are here (UTC); `next_look`: not before; `problem`: why the last
    look did not come to its end, in words. The secret is told nowhere."""

    name: str
    kind: str
    kind_in_words: str
    url: str
    account: str
    query: str
    every_s: int
    mask: bool
    active: bool
    tickets: int
    fetched_up_to: datetime | None
    fetched_at: datetime | None
    next_look: datetime | None
    problem: str
