"""Reviews after incidents: the records that page, API and `towpath reviews --json` show."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from towpath.improvement.rules.reviews import Verdict

LineKind = Literal["begin", "faults", "usual", "change", "ticket", "finding", "moment", "person"]


class TimelineLine(msgspec.Struct, frozen=True):
    """One thing that happened; `kind` says who tells it: begin and moment (the review), faults and usual
    (attempts of the hour), change, ticket, finding (its life), person. `near`: of a change, that it is of the
    component or service itself: together with, not caused by. `ticket`, `desk`: where a ticket is, if its
    source is a desk."""

    at: datetime
    kind: LineKind
    text: str
    by: str = ""
    near: bool = False
    ticket: str = ""
    desk: str = ""


class ReviewSpan(msgspec.Struct, frozen=True):
    """One of the times that are called MTTR, from which moment to which; None: one of them is not known."""

    begin: str
    end: str
    seconds: float | None


class ReviewActionShown(msgspec.Struct, frozen=True):
    id: int
    review: int
    incident: str
    kind: Literal["prevent", "detect", "recover"]
    text: str
    owner: str
    due: date
    state: Literal["open", "done", "dropped"]
    overdue: bool
    result: str
    ended_at: datetime | None
    ended_by: str


class Recurrence(msgspec.Struct, frozen=True):
    """Whether the preventing actions kept it away. `at`: when it came back, else since when they are done.
    `weeks`: whole weeks since."""

    verdict: Verdict
    at: datetime | None
    weeks: int


class ReviewSummary(msgspec.Struct, frozen=True):
    """A review in a list. `incident`: the finding in a sentence; `open_actions`, of these `overdue`."""

    id: int
    digest: str
    incident: str
    state: Literal["open", "closed"]
    begin: datetime
    actions: int
    open_actions: int
    overdue: int
    recurrence: Recurrence


class Reviews(msgspec.Struct, frozen=True):
    """All reviews, the latest first, and the actions that are open, the most overdue first."""

    reviews: tuple[ReviewSummary, ...]
    open_actions: tuple[ReviewActionShown, ...]


class ReviewShown(msgspec.Struct, frozen=True):
    """One review. `met`: customers who met the finding in the week of the look that saw it last;
    `ruined_days`: customer-days a week that mending wins back. `looked_from`, `looked_until`: what the
    timeline covers. `unit`: the component, else the service, whose attempts it tells of; empty where the
    finding names none. `component`: the same, where it is one."""

    id: int
    digest: str
    incident: str
    state: Literal["open", "closed"]
    begin: datetime
    detected: datetime | None
    acknowledged: datetime | None
    restored: datetime | None
    resolved: datetime | None
    repaired: datetime | None
    happened: str
    helped: str
    hindered: str
    factors: str
    started_by: str
    started_at: datetime
    closed_at: datetime | None
    met: int
    ruined_days: float
    spans: tuple[ReviewSpan, ...]
    unit: str
    component: str
    looked_from: datetime
    looked_until: datetime
    timeline: tuple[TimelineLine, ...]
    actions: tuple[ReviewActionShown, ...]
    recurrence: Recurrence
