"""What the API takes."""

from __future__ import annotations

from datetime import date

from ninja import Schema
from pydantic import Field

from towpath.foundation.operations.paging import FURTHEST


class WantedEntries(Schema):
    """Which entries; `until` is a day that still counts."""

    actor: str = ""
    verb: str = ""
    target: str = ""
    since: date | None = None
    until: date | None = None
    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0, le=FURTHEST)
