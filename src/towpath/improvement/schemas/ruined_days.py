"""One ruined day: what a customer met, beside what each team's signals said at that time."""

from __future__ import annotations

from datetime import date, datetime

import msgspec


class Share(msgspec.Struct, frozen=True):
    """Of so many attempts, so many ended well (not in a fault of ours)."""

    good: int
    count: int

    @property
    def share(self) -> float | None:
        return self.good / self.count if self.count else None


class TeamSignal(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one service said over all customers in the hour of an event. `usual`: the same hour on the seven
    days before; `narrow`: the customer's version alone, where it fares worse. `green`: who watches all
    customers together sees nothing, as it is no worse than usual by more than chance."""

    name: str
    now: Share
    usual: Share
    green: bool
    narrow: Share | None = None
    narrow_name: str = ""


class ReleaseInForce(msgspec.Struct, frozen=True):
    """A deployment of the week before, of a service or component that the customer met."""

    name: str
    at: datetime


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was known beside one event. Nothing at all where `signals`, `releases` and `contacts` are empty:
    the events of that hour say nothing about it."""

    signals: tuple[TeamSignal, ...] = ()
    releases: tuple[ReleaseInForce, ...] = ()
    contacts: int | None = None


class DayEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that the customer met, in plain words. `bad`: our fault; `decisive`: for which this day
    counts as ruined; `said`: how it ended and how long they waited."""

    time: datetime
    title: str
    said: tuple[str, ...]
    bad: bool
    seen: Seen
    decisive: bool = False
    ours: bool = False


class RuinedDay(msgspec.Struct, frozen=True):
    """`customer`: key as text. `ruins`: such trouble ruins a day (being lost does not).
    `first_known_seconds`: how long after the decisive event a person of ours first heard of it (their
    contact), None where nobody did on these days."""

    digest: str
    sentence: str
    ruins: bool
    number: int
    of: int
    customer: str
    name: str
    day: date
    events: tuple[DayEvent, ...]
    left_out: int
    first_known_seconds: float | None
