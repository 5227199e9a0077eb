"""The last thirteen weeks as arrays: step attempts of every journey, contacts, deployments.

The lake is read once for all journeys, only the columns that are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from towpath.analytics.recognition import recognise
from towpath.events.lake import Snapshot
from towpath.improvement.measures.attempts import Attempts, attempts_of
from towpath.improvement.measures.columns import TOPIC, Column, Columns, read_columns
from towpath.improvement.measures.local_time import DAY_US, day_number, local_us, start_of
from towpath.improvement.rules.harm import Harm
from towpath.journeys.measures.plan import Plan
from towpath.journeys.rules.matching import rule_of

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Bool = npt.NDArray[np.bool_]
Masks = npt.NDArray[np.uint64]

DAYS = 91
"""The running week and twelve before it."""
WEEK, MONTH = 7, 28
"""Days: the week that is told, and the four weeks that it is held against."""


@dataclass(frozen=True, eq=False)
class Contacts:
    """Events in which a customer got in touch. `customer`, `time` int64[n]; `day` int32[n]; `topic`: what it
    was about, where the event says; `incident`: whether it names an incident."""

    customer: Int64
    time: Int64
    day: Int32
    channel: Column
    topic: Column
    tier: Column
    incident: Bool


@dataclass(frozen=True)
class Deployment:
    """A change that went out: event of type `deployment`, or one that names a change and a version."""

    at: datetime
    day: int
    service: str
    component: str
    version: str
    change: str

    @property
    def name(self) -> str:
        """As people call it: "app 4.12.0"."""
        return " ".join(
            part for part in (self.component or self.service, self.version or self.change) if part
        )


@dataclass(frozen=True, eq=False)
class Graves:
    """Events of grave harm: `kind` is the class that the rule gives it."""

    customer: Int64
    time: Int64
    day: Int32
    type: Column
    kind: Column
    service: Column
    component: Column


@dataclass(frozen=True, eq=False)
class Frame:
    """What every detector looks at. Days are local dates as days since 1970-01-01.

    A day is over when the clock says so; where the sources stand is `as_of`.

    `as_of`: the watermark of the sources concerned. `first_day`..`last_day`: all days of the frame, the last
    that of `as_of`; `closed`: the last day that is over. `journeys`: those with attempts in these weeks.
    `lake_version`: what it was read from.
    """

    as_of: datetime
    zone: ZoneInfo
    first_day: int
    last_day: int
    closed: int
    journeys: tuple[Attempts, ...]
    contacts: Contacts
    deployments: tuple[Deployment, ...]
    graves: Graves
    snapshot: Snapshot = field(repr=False)

    @property
    def days(self) -> Int32:
        """All days of the frame, int32[d]."""
        return np.arange(self.first_day, self.last_day + 1, dtype=np.int32)

    @property
    def week(self) -> tuple[int, int]:
        """First and last of the seven days that figures speak of."""
        return self.last_day - WEEK + 1, self.last_day

    @property
    def tested(self) -> tuple[int, int]:
        """First and last of the seven closed days that are tested."""
        return self.closed - WEEK + 1, self.closed

    @cached_property
    def elapsed(self) -> float:
        """Share of the running day that is over; 1 where it counts as closed."""
        if self.closed == self.last_day:
            return 1.0
        begin, end = start_of(self.last_day, self.zone), start_of(self.last_day + 1, self.zone)
        return (self.as_of - begin) / (end - begin)


def frame_of(
    snapshot: Snapshot, plans: Sequence[Plan], now: datetime, zone: ZoneInfo, harm: Harm
) -> Frame | None:
    """The frame of all these journeys; None where no event of these weeks is an attempt or a contact.

    Events later than `now` do not count: one wrong clock must not move everybody's week.
    """
    until = _watermark(snapshot, plans, now)
    if until is None:
        return None
    start = start_of(day_number(until.astimezone(zone).date()) - DAYS + 1, zone)
    rules = [rule_of(match) for match in harm.matches()]
    columns = read_columns(snapshot, plans, rules, start, until + timedelta(microseconds=1))
    journeys = [attempts_of(columns, plan, zone) for plan in plans]
    marked = recognise(columns.table, rules)
    masks = marked.masks[marked.codes]
    contacts = _contacts(columns, zone, masks)
    times = [*(journey.time for journey in journeys), contacts.time]
    seen = [int(time.max()) for time in times if len(time)]
    if not seen:
        return None
    as_of = _moment(max(seen))
    last = day_number(as_of.astimezone(zone).date())
    return Frame(
        as_of=as_of,
        zone=zone,
        first_day=last - DAYS + 1,
        last_day=last,
        closed=last if start_of(last + 1, zone) <= now else last - 1,
        journeys=tuple(each for each in journeys if len(each.time)),
        contacts=contacts,
        deployments=_deployments(columns, zone),
        graves=_graves(columns, zone, masks, [each.kind for each in harm.grave]),
        snapshot=snapshot,
    )


def _watermark(snapshot: Snapshot, plans: Sequence[Plan], now: datetime) -> datetime | None:
    """The latest event of the sources concerned that is not in the future."""
    marks = snapshot.watermarks()
    concerned = {name for plan in plans for name in (plan.sources or marks)} or set(marks)
    found = [marks[name] for name in concerned if name in marks]
    return min(max(found), now) if found else None


def _contacts(columns: Columns, zone: ZoneInfo, masks: Masks) -> Contacts:
    rows = np.flatnonzero(masks & np.uint64(1))
    time = columns.time[rows]
    return Contacts(
        customer=columns.key[rows],
        time=time,
        day=_days(time, zone),
        channel=columns.text("channel").take(rows),
        topic=columns.text(TOPIC).take(rows),
        tier=columns.text("tier").take(rows),
        incident=(masks[rows] & np.uint64(2)) != 0,
    )


def _deployments(columns: Columns, zone: ZoneInfo) -> tuple[Deployment, ...]:
    types = columns.text("type")
    wanted = [word.partition(".")[0] == "deployment" for word in types.words]
    rows = np.flatnonzero(types.flag(np.array(wanted, np.bool_)))
    order = rows[np.argsort(columns.time[rows], kind="stable")]
    names = ("service", "component", "version", "change")
    texts = zip(*(columns.text(name).take(order).to_words() for name in names), strict=True)
    time = columns.time[order]
    return tuple(
        Deployment(_moment(at), day, *named)
        for at, day, named in zip(time.tolist(), _days(time, zone).tolist(), texts, strict=True)
    )


def _graves(columns: Columns, zone: ZoneInfo, masks: Masks, kinds: list[str]) -> Graves:
    rows = np.flatnonzero(masks >> np.uint64(2))
    lowest = [(mask & -mask).bit_length() - 1 for mask in (masks[rows] >> np.uint64(2)).tolist()]
    time = columns.time[rows]
    return Graves(
        customer=columns.key[rows],
        time=time,
        day=_days(time, zone),
        type=columns.text("type").take(rows),
        kind=Column(np.array(lowest, np.int32), tuple(kinds)),
        service=columns.text("service").take(rows),
        component=columns.text("component").take(rows),
    )


def _days(time: Int64, zone: ZoneInfo) -> Int32:
    return (local_us(time, zone) // DAY_US).astype(np.int32)


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)
