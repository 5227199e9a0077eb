"""Business calendars: which instants count as working time.

An instant counts where the local clock of the calendar's zone shows a time inside one of the day's intervals
(begin inclusive, end exclusive) and the day is no holiday. Counted is elapsed time: an interval that holds
the spring change of the clock is an hour shorter that day, one that holds the autumn change an hour longer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
DAY_US = 86_400 * SECOND_US
DAY_MINUTES = 1440
ONE_DAY = timedelta(days=1)
_EPOCH = date(1970, 1, 1)
FIRST, LAST = 0, (date(2200, 1, 1) - _EPOCH).days * DAY_US
"""Before and after nothing counts: no ticket is of then."""
WHOLE_DAY = ((0, DAY_MINUTES),)

Span = tuple[int, int]
"""From (inclusive) to (exclusive), UTC microseconds."""
Minutes = tuple[int, int]
"""The same of a local day, in minutes from midnight; at most 1440."""
Rest = Literal["closed", "holiday"]


class CalendarError(ValueError):
    """What is wrong with a calendar, in words that say what to do. `day` is the weekday concerned (0 Monday),
    None where it is the whole."""

    def __init__(self, told: str, day: int | None = None) -> None:
        super().__init__(told)
        self.day = day


@dataclass(frozen=True)
class Calendar:
    """`week`: the intervals of each weekday, Monday first. `holidays`: days without any.

    Made by `calendar_of`, which refuses what makes no sense.
    """

    zone: str
    week: tuple[tuple[Minutes, ...], ...]
    holidays: frozenset[date] = field(default_factory=frozenset)

    def spans(self, begin: int, end: int) -> Iterator[Span]:
        """Working time between two instants, ascending; neighbours that touch are one."""
        return _joined(_pieces(self.zone, begin, end, self._hours))

    def counted(self, begin: int, end: int) -> int:
        """Microseconds of working time between two instants; 0 where `end` is not after `begin`."""
        return sum(high - low for low, high in self.spans(begin, end))

    def due(self, begin: int, target: int) -> int | None:
        """The first instant by which `target` microseconds have counted since `begin`; None where that
        is after LAST. A target that is reached at closing time is due then, not at the next opening."""
        if target <= 0:
            return begin
        left = target
        for low, high in self.spans(begin, LAST):
            if high - low >= left:
                return low + left
            left -= high - low
        return None

    def rests(self, begin: int, end: int) -> Iterator[tuple[int, int, Rest]]:
        """The time between two instants that does not count, and why: each holiday by itself."""
        for low, high in _gaps(self.spans(begin, end), begin, end):
            at = low
            for first, last in _joined(_pieces(self.zone, low, high, self._holiday)):
                if first > at:
                    yield at, first, "closed"
                yield first, last, "holiday"
                at = last
            if high > at:
                yield at, high, "closed"

    def _hours(self, day: date) -> tuple[Minutes, ...]:
        return () if day in self.holidays else self.week[day.weekday()]

    def _holiday(self, day: date) -> tuple[Minutes, ...]:
        return WHOLE_DAY if day in self.holidays else ()


def calendar_of(zone: str, week: Mapping[int, Iterable[Minutes]], holidays: Iterable[date] = ()) -> Calendar:
    """A calendar of a zone (IANA name) and the intervals of each weekday (0 Monday), in any order.

    Raises CalendarError for a day that is none, an interval that ends before it begins or overlaps another,
    a zone that is not known, and a calendar without any working time.
    """
    _known(zone)
    days: list[tuple[Minutes, ...]] = [()] * 7
    for day, intervals in week.items():
        days[day] = _in_order(tuple(sorted(intervals)), day)
    if not any(days):
        raise CalendarError("no day has working time, so that no clock would ever run: give a day its hours")
    return Calendar(zone, tuple(days), frozenset(holidays))


def _known(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise CalendarError(f"no time zone is called {zone!r}: write one like Europe/Rome") from error


def _in_order(intervals: tuple[Minutes, ...], day: int) -> tuple[Minutes, ...]:
    at = 0
    for low, high in intervals:
        if not 0 <= low < high <= DAY_MINUTES:
            raise CalendarError(
                f"{_clock(low)}-{_clock(high)} ends before it begins: give night work to both days, "
                "as 22:00-24:00 and 00:00-06:00",
                day,
            )
        if low < at:
            raise CalendarError(f"{_clock(low)}-{_clock(high)} overlaps the interval before it", day)
        at = high
    return intervals


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _gaps(spans: Iterable[Span], begin: int, end: int) -> Iterator[Span]:
    at = begin
    for low, high in spans:
        if low > at:
            yield at, low
        at = high
    if end > at:
        yield at, end


def _pieces(zone: str, begin: int, end: int, hours: Callable[[date], tuple[Minutes, ...]]) -> Iterator[Span]:
    """Where local days have hours, ascending. While the offset stays, local time runs as UTC does."""
    for since, until, offset in offsets(zone, max(begin, FIRST), min(end, LAST)):
        day, last = _day_of(since + offset), _day_of(until + offset)
        while day <= last:
            midnight = _start_of(day) - offset
            for low, high in hours(day):
                first = max(midnight + low * MINUTE_US, since)
                after = min(midnight + high * MINUTE_US, until)
                if first < after:
                    yield first, after
            day += ONE_DAY


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    held: Span | None = None
    for low, high in spans:
        if held is not None and low > held[1]:
            yield held
            held = None
        held = (low, high) if held is None else (held[0], high)
    if held is not None:
        yield held


def _start_of(day: date) -> int:
    """Midnight of a day as if it were UTC."""
    return (day - _EPOCH).days * DAY_US


def _day_of(instant: int) -> date:
    return _EPOCH + timedelta(days=instant // DAY_US)


def offsets(zone: str, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The zone's offsets from UTC between two instants, all in microseconds: (from, to, offset)."""
    for year in range(_day_of(begin).year, _day_of(end).year + 1):
        changes = _changes(zone, year)
        until = [*(at for at, _offset in changes[1:]), _start_of(date(year + 1, 1, 1))]
        for (at, offset), stop in zip(changes, until, strict=True):
            if stop > begin and at < end:
                yield max(at, begin), min(stop, end), offset


@cache
def _changes(zone: str, year: int) -> tuple[tuple[int, int], ...]:
    """(from when, offset) for the year (UTC): at its beginning, and at each change."""
    at, end = _start_of(date(year, 1, 1)), _start_of(date(year + 1, 1, 1))
    found = [(at, _offset(zone, at))]
    while at < end:
        after = min(at + DAY_US, end)
        if after < end and _offset(zone, after) != found[-1][1]:
            change = _first_with(zone, at, after)
            found.append((change, _offset(zone, change)))
        at = after
    return tuple(found)


def _first_with(zone: str, low: int, high: int) -> int:
    """The second in (low, high] from which on the offset is that of `high`."""
    wanted = _offset(zone, high)
    seconds = range((high - low) // SECOND_US)
    place = bisect_right(seconds, 0, key=lambda each: _offset(zone, low + (each + 1) * SECOND_US) == wanted)
    return low + (place + 1) * SECOND_US


def _offset(zone: str, instant: int) -> int:
    there = datetime.fromtimestamp(instant // SECOND_US, UTC).astimezone(ZoneInfo(zone))
    return int((there.utcoffset() or timedelta()).total_seconds()) * SECOND_US
