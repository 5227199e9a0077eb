"""Networks that may be scanned."""

from __future__ import annotations

from datetime import datetime

import msgspec


class RangeShown(msgspec.Struct, frozen=True):
    """An authorised range. `ports` "": nmap's thousand most usual. `every_s` 0: only when somebody asks.
    `problem`: why the last scan failed, "" where it did not; `discovery`: what it told."""

    name: str
    networks: tuple[str, ...]
    ports: str
    every_s: int
    because: str
    authorised_at: datetime
    authorised_by: str
    scanned_at: datetime | None
    problem: str
    discovery: int | None
