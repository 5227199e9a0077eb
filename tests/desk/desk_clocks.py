"""Calendars, instants, and a clock that is followed minute by minute, for the tests of SLA clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from towpath.desk.rules.calendars import MINUTE_US, Calendar
from towpath.desk.rules.clock import Moment

HOUR_US = 60 * MINUTE_US
OFFICE = {day: [(9 * 60, 12 * 60), (13 * 60, 17 * 60)] for day in range(5)}


def at(text: str, zone: str = "UTC") -> int:
    """UTC microseconds of a time that is written with its offset, or as the zone's clock shows it."""
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return round(moment.timestamp()) * 1_000_000


def works(calendar: Calendar, instant: int) -> bool:
    """Whether the local clock shows working time."""
    there = datetime.fromtimestamp(instant // 1_000_000, UTC).astimezone(ZoneInfo(calendar.zone))
    minute = there.hour * 60 + there.minute
    hours = () if there.date() in calendar.holidays else calendar.week[there.weekday()]
    return any(low <= minute < high for low, high in hours)


def minute_by_minute(calendar: Calendar, begin: int, end: int) -> list[int]:
    """The minutes (their first microsecond) that are working time."""
    return [instant for instant in range(begin, end, MINUTE_US) if works(calendar, instant)]


def followed(
    moments: Sequence[Moment], calendar: Calendar, reopened: str, until: int
) -> list[tuple[str, int, int]]:
    """State, counted and paused minutes of each clock, by going through the minutes one after the other.

    `moments` stand on whole minutes.
    """
    clocks: list[list[int]] = []
    state = "none"
    at_minute: dict[int, list[Moment]] = {}
    for moment in moments:
        at_minute.setdefault(moment.at, []).append(moment)
    states: list[str] = []
    for instant in range(moments[0].at, until + 1, MINUTE_US):
        for moment in at_minute.get(instant, ()):
            before = state
            state = _next(state, moment.act)
            begins = before in ("none", "stopped", "cancelled") and moment.act == "start"
            if begins and (before == "none" or reopened == "new"):
                clocks.append([0, 0])
                states.append(state)
            if (begins and reopened == "restart") or (
                moment.act == "reset" and before in ("running", "paused")
            ):
                clocks[-1][0] = 0
            if states:
                states[-1] = state
        if instant < until and works(calendar, instant) and state in ("running", "paused"):
            clocks[-1][state == "paused"] += 1
    return [(each, *counts) for each, counts in zip(states, map(tuple, clocks), strict=True)]  # type: ignore[misc]


def _next(state: str, act: str) -> str:
    alive = state in ("running", "paused")
    if act == "start":
        return state if alive else "running"
    if act == "cancel":
        return state if state == "none" else "cancelled"
    if not alive:
        return state
    return {"pause": "paused", "resume": "running", "stop": "stopped", "reset": state}[act]
