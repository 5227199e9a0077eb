"""SLA clocks of many tickets at once: time in working-time coordinates, where a clock is a plain sum.

`WorkingTime` maps an instant to the working time that has gone by until then; the difference of two instants
is what counts between them, and the inverse gives the due time. What a single clock does, and why, is in the
desk's `rules.clock`, which this is tested against.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from towpath.analytics.kernels.compiling import NOTHING, Bool, Int8, Int64

RUNNING, PAUSED, OVER, CANCELLED = range(4)
"""What a clock does after a movement."""
SAME = -1
"""A movement that changes nothing of that."""
NEVER = NOTHING
Policy = Literal["continue", "restart", "new"]


@dataclass(frozen=True, eq=False)
class WorkingTime:
    """Intervals of working time, int64 microseconds, ascending and apart; `end` is exclusive."""

    begin: Int64
    end: Int64
    before: Int64
    """Working time that has gone by before each."""

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]]) -> WorkingTime:
        pairs = np.array(list(spans), np.int64).reshape(-1, 2)
        lengths = pairs[:, 1] - pairs[:, 0]
        return cls(pairs[:, 0].copy(), pairs[:, 1].copy(), np.cumsum(lengths) - lengths)

    @property
    def whole(self) -> int:
        """All of it, in microseconds."""
        return int(self.before[-1] + self.end[-1] - self.begin[-1]) if len(self.begin) else 0

    def gone_by(self, instant: Int64) -> Int64:
        """Working time from the first interval to each instant."""
        if not len(self.begin):
            return np.zeros(len(instant), np.int64)
        place = np.searchsorted(self.begin, instant, "right") - 1
        held = np.maximum(place, 0)
        inside = np.minimum(instant, self.end[held]) - self.begin[held]
        return np.where(place < 0, 0, self.before[held] + np.maximum(inside, 0))

    def instant(self, gone_by: Int64) -> Int64:
        """The first instant by which so much (above 0) has gone by; NEVER where there is not so much."""
        if not len(self.begin):
            return np.full(len(gone_by), NEVER, np.int64)
        place = np.minimum(
            np.searchsorted(self.before + self.end - self.begin, gone_by, "left"), len(self.begin) - 1
        )
        found = self.begin[place] + gone_by - self.before[place]
        return np.where(gone_by > self.whole, NEVER, found)


@dataclass(frozen=True, eq=False)
class Clocks:
    """A value a ticket: what its last clock does (`state` int8), what counted in it (microseconds), when it
    is due while it runs (NEVER while it does not), when it was missed (NEVER where not). `missed`: any clock
    of the ticket, cancelled ones left out."""

    state: Int8
    counted: Int64
    due: Int64
    missed_at: Int64
    missed: Bool


def clocks_of(
    starts: Int64, time: Int64, act: Int8, target: Int64, working: WorkingTime, *, policy: Policy, as_of: int
) -> Clocks:
    """The clocks of tickets whose movements begin at `starts` (int64[t + 1], none without movements).

    `time` int64 ascending within a ticket, `act` int8 (see above) a value a movement; `target` int64 a
    ticket, microseconds. `working` reaches from the first movement to where any target is reached after
    `as_of`.
    """
    if not len(time):
        none = np.zeros(0, np.int64)
        return Clocks(none.astype(np.int8), none, none, none, none.astype(np.bool_))
    doing, last = _carried(act, starts), starts[1:] - 1
    until = np.append(time[1:], 0)
    until[last] = np.maximum(time[last], as_of)
    gone_by = working.gone_by(time)
    length = np.where(doing == RUNNING, working.gone_by(until) - gone_by, 0)
    edges = _beginnings(doing, starts, anew=policy != "continue")
    ticket = np.searchsorted(starts, edges, "right") - 1
    counted, asked = np.add.reduceat(length, edges), target[ticket]
    passed = (counted > asked) & (doing[np.append(edges[1:], len(doing)) - 1] != CANCELLED)
    crossing = _crossings(length, gone_by, edges, asked)
    missed_at = np.where(passed, working.instant(np.maximum(crossing, 1)), NEVER)
    newest = np.searchsorted(edges, last, "right") - 1
    left = asked[newest] - counted[newest]
    ahead = np.where(left > 0, working.gone_by(until[last]) + left, np.maximum(crossing[newest], 1))
    any_missed = np.zeros(len(last), np.bool_)
    any_missed[ticket[passed]] = True
    return Clocks(
        state=doing[last],
        counted=counted[newest],
        due=np.where(doing[last] == RUNNING, working.instant(ahead), NEVER),
        missed_at=missed_at[newest],
        missed=any_missed,
    )


def _carried(act: Int8, starts: Int64) -> Int8:
    """What the clock does after each movement; before the first that says so, it runs. A cancelled clock that
    is closed too stays cancelled."""
    begin = np.repeat(starts[:-1], np.diff(starts))
    alive_or_cancelled = _last_said(act, (act != SAME) & (act != OVER), begin)
    closed = np.where((act == OVER) & (alive_or_cancelled == CANCELLED), SAME, act)
    return _last_said(closed, closed != SAME, begin)


def _last_said(act: Int8, said: Bool, begin: Int64) -> Int8:
    place = np.maximum.accumulate(np.where(said, np.arange(len(act)), -1))
    return np.where(place >= begin, act[np.maximum(place, 0)], RUNNING).astype(np.int8)


def _beginnings(doing: Int8, starts: Int64, *, anew: bool) -> Int64:
    """The movements at which clocks begin: each ticket's first, and where `anew` each reopening."""
    begins = (
        np.append(False, (doing[1:] <= PAUSED) & (doing[:-1] >= OVER)) if anew else np.zeros(len(doing), bool)
    )
    begins[starts[:-1]] = True
    return np.flatnonzero(begins)


def _crossings(length: Int64, gone_by: Int64, edges: Int64, asked: Int64) -> Int64:
    """For each clock the working time that had gone by when its target was reached, 0 where it was not."""
    clock = np.repeat(np.arange(len(edges)), np.diff(np.append(edges, len(length))))
    total = np.cumsum(length)
    inside = total - (total[edges] - length[edges])[clock]
    places = np.flatnonzero(inside >= asked[clock])
    row = np.full(len(edges), -1, np.int64)
    row[clock[places][::-1]] = places[::-1]
    held = np.maximum(row, 0)
    return np.where(row >= 0, gone_by[held] + asked - (inside[held] - length[held]), 0)
