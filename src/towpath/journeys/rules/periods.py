"""Dates and times as people write them to choose a period."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from dateutil import parser

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def moment(text: str, *, end: bool = False) -> datetime:
    """A written date or time, UTC where it names no zone; as the `end` of a period, a day counts whole.

    Raises ValueError, saying how to write one.
    """
    try:
        found = parser.isoparse(text.strip())
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found + timedelta(days=1) if end and _DAY.fullmatch(text.strip()) else found
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no date; write 2012-01-31 or 2012-01-31T12:00Z") from error
