"""What was agreed with customers, as data: calendars, the priority matrix, and within what time.

calendars:
  office:
    zone: Europe/Stockholm
    hours: {mon-fri: ["09:00-12:00", "13:00-17:00"], sat: ["10:00-14:00"]}
    holidays: [2026-12-25, 2026-12-26]
priority:                          # how impact and urgency make a priority, where the source says none
  impacts: [high, low]             # the gravest first
  urgencies: [high, low]
  priorities: ["1", "2", "3"]
  matrix: {high: ["1", "2"], low: ["2", "3"]}
agreements:                        # of each metric the first that fits a ticket counts
  - name: Solved in time
    metric: resolution             # or first_response
    calendar: office
    targets: {"1": 4h, "2": 8h}    # by priority, in working time
    otherwise: 40h                 # for all other tickets; left out: nothing is agreed for them
    only: {kind: [incident], team: ["Network*"]}
    pauses: [waiting_customer]     # classes of states
    reopened: continue             # | restart | new
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal, get_args

import msgspec

from towpath.desk.rules.calendars import DAY_MINUTES, MINUTE_US, Calendar, Minutes, calendar_of
from towpath.desk.rules.clock import Agreed, Reopening
from towpath.desk.rules.priority import PriorityMatrix

Metric = Literal["first_response", "resolution"]
METRICS: tuple[Metric, ...] = get_args(Metric)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WAITING = ("waiting_customer", "waiting_supplier", "waiting")
"""Classes of states that may pause a clock."""
LONGEST_HOURS = 10_000
_INTERVAL = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
_DURATION = re.compile(r"(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?")


class CalendarText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A calendar as it is written. `hours`: a day ("sat"), days from to ("mon-fri") or "every", each with
    its intervals."""

    zone: str
    hours: dict[str, tuple[str, ...]]
    holidays: tuple[str, ...] = ()

    def calendar(self) -> Calendar:
        """Raises ValueError (CalendarError among them) for what is not right."""
        week: dict[int, list[Minutes]] = {}
        for days, intervals in self.hours.items():
            for day in days_in(days):
                week.setdefault(day, []).extend(interval_in(each) for each in intervals)
        return calendar_of(self.zone, week, map(date.fromisoformat, self.holidays))


class Only(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which tickets: patterns, one of which must fit each that is given. `team`: that has it now."""

    desk: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    customer: tuple[str, ...] = ()

    def fits(self, ticket: Mapping[str, str]) -> bool:
        """`ticket`: its values by the names of these fields; one that is missing fits no pattern."""
        return all(
            any(fnmatchcase(ticket.get(name, ""), pattern) for pattern in patterns)
            for name in self.__struct_fields__
            if (patterns := getattr(self, name))
        )


class Agreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """See above."""

    name: str
    metric: Metric
    calendar: str
    targets: dict[str, str] = {}
    otherwise: str = ""
    only: Only = Only()
    pauses: tuple[str, ...] = ("waiting_customer",)
    reopened: Reopening = "continue"

    def target(self, priority: str) -> int | None:
        """Microseconds of working time; None where nothing is agreed for the priority."""
        written = self.targets.get(priority, self.otherwise)
        return duration_in(written) if written else None


class Agreements(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A whole document."""

    calendars: dict[str, CalendarText] = {}
    priority: PriorityMatrix | None = None
    agreements: tuple[Agreement, ...] = ()


@dataclass(frozen=True)
class InForce:
    """Agreements ready to be asked."""

    agreements: tuple[Agreement, ...]
    calendars: dict[str, Calendar]
    priority: PriorityMatrix | None

    @classmethod
    def of(cls, written: Agreements) -> InForce:
        made = {name: each.calendar() for name, each in written.calendars.items()}
        return cls(written.agreements, made, written.priority)

    def place(self, metric: Metric, ticket: Mapping[str, str]) -> int | None:
        """The place of the first agreement for the metric that fits the ticket and has a target for its
        priority."""
        return next(
            (
                place
                for place, each in enumerate(self.agreements)
                if each.metric == metric
                and each.only.fits(ticket)
                and each.target(ticket.get("priority", "")) is not None
            ),
            None,
        )

    def agreed(self, place: int, priority: str) -> Agreed:
        """What the agreement at a place asks of a ticket of the priority, for which it has a target."""
        found = self.agreements[place]
        target = found.target(priority)
        if target is None:
            raise ValueError(f"{found.name} agrees on nothing for priority {priority!r}")
        return Agreed(target, self.calendars[found.calendar], found.reopened)


def days_in(text: str) -> range:
    """The weekdays (0 Monday) of "mon", "mon-fri" or "every". Raises ValueError."""
    if text == "every":
        return range(7)
    first, _dash, last = text.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(last or first) < DAYS.index(first):
        raise ValueError(f"{text!r} names no days: write mon, mon-fri or every; the week begins with mon")
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def interval_in(text: str) -> Minutes:
    """The minutes of the day of "09:00-12:30". Raises ValueError."""
    found = _INTERVAL.fullmatch(text.replace(" ", ""))
    if found is None:
        raise ValueError(f"{text!r} is no interval of a day: write it like 09:00-12:30")
    hours, minutes, to_hours, to_minutes = map(int, found.groups())
    low, high = hours * 60 + minutes, to_hours * 60 + to_minutes
    if max(minutes, to_minutes) > 59 or max(low, high) > DAY_MINUTES:
        raise ValueError(f"{text!r} holds a time that no day has: the last one is 24:00")
    return low, high


def duration_in(text: str) -> int:
    """The microseconds of "4h", "30m" or "1h30m". Raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    minutes = int(found[1] or 0) * 60 + int(found[2] or 0) if found else 0
    if not 0 < minutes <= LONGEST_HOURS * 60:
        told = "write hours and minutes of working time, like 4h or 1h30m (a day is not as long everywhere)"
        raise ValueError(f"{text!r} is no target: {told}, at most {LONGEST_HOURS}h")
    return minutes * MINUTE_US
