"""ISO weeks as addresses and commands name them: "2026-W47"."""

from __future__ import annotations

import re
from datetime import date

NAME = re.compile(r"([0-9]{4})-W([0-9]{1,2})")


def iso_name(day: date) -> str:
    """The ISO week that holds the day."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(name: str) -> date:
    """The Monday of a named week. Raises ValueError, saying the form, for what is none."""
    found = NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} is no week: write it as 2026-W47.")
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError as error:
        raise ValueError(f"{name!r} is no week of that year: write it as 2026-W47.") from error
