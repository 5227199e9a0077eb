"""Durations as people write them: "180d", "2s", "1h 30m"."""

from __future__ import annotations

import re

MICROSECONDS = {
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
LONGEST = 100 * 366 * MICROSECONDS["d"]
_PART = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|d|w)", re.ASCII)


def microseconds(text: str) -> int:
    """The length of a written duration. Raises ValueError, saying how to write one."""
    total, place = 0.0, 0
    while part := _PART.match(text, place):
        total += float(part[1]) * MICROSECONDS[part[2]]
        place = part.end()
    length = round(min(total, 2.0 * LONGEST))
    if text[place:].strip() or not 0 < length <= LONGEST:
        raise ValueError(
            f"{text!r} is no duration; write a number above 0 with ms, s, m, h, d or w: 180d, 2s or 1h 30m"
        )
    return length
