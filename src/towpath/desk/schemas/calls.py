"""Contact trends: the records that page, API and `towpath desk calls --json` show."""

from __future__ import annotations

from datetime import datetime

import msgspec


class CallsRefused(msgspec.Struct, frozen=True):
    """A line of a series that was not taken, and why."""

    line: int
    reason: str


class CallsTaken(msgspec.Struct, frozen=True):
    """What became of a series: intervals `written` (new, or other than before), `unchanged`, and refused
    lines, of which `refused` shows the first."""

    source: str
    written: int
    unchanged: int
    refused_lines: int
    refused: tuple[CallsRefused, ...]


class CallWeek(msgspec.Struct, frozen=True):
    """One week of a queue, named by its Monday (ISO date, organisation's time zone). `given_up_share` with
    its 95 % interval; `waited`: mean seconds of those answered. None: nobody called, or the source does not
    say."""

    week: str
    offered: int
    answered: int
    given_up: int
    given_up_share: float | None
    low: float | None
    high: float | None
    waited: float | None


class CallHour(msgspec.Struct, frozen=True):
    """One hour of the week (`weekday` 0: Monday, organisation's time zone) over all weeks."""

    weekday: int
    hour: int
    offered: int
    given_up: int
    given_up_share: float


class CallQueue(msgspec.Struct, frozen=True):
    """One queue of one source. `lacking`: intervals between its first and last that nothing was told of
    (nights without calls, or gaps). `worst`: hours of the week in which most give up, of those with 50 calls
    or more."""

    source: str
    queue: str
    first: datetime
    last: datetime
    intervals: int
    lacking: int
    offered: int
    answered: int
    given_up: int
    given_up_share: float | None
    waited: float | None
    weeks: tuple[CallWeek, ...]
    worst: tuple[CallHour, ...]


class CallTrends(msgspec.Struct, frozen=True):
    """All queues, by source and name."""

    queues: tuple[CallQueue, ...]
