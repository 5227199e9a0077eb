"""One desk as it is looked at: its tickets of the last thirteen weeks, whose they are, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from towpath.analytics.normal import Z90
from towpath.analytics.shifting import Assumed
from towpath.desk.measures.candidates import Desked
from towpath.desk.measures.columns import Coded
from towpath.desk.measures.costs import Paths
from towpath.desk.measures.history import History
from towpath.desk.measures.returns import Returns, returns_of
from towpath.desk.rules.rates import Rates
from towpath.improvement.measures.frame import DAYS
from towpath.improvement.measures.local_time import DAY_US, local_us
from towpath.improvement.rules.causes import CauseKey, Family
from towpath.improvement.schemas.findings import DeskEvidence, Estimate, Onset

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]
Detector = Literal["desk_repeats", "desk_loops", "desk_shift", "desk_emerging"]

FEWEST = 20
"""Tickets, or customers, of whom nothing is told below: too little data."""
NAMED = 0.8
"""What so many tickets name is what they are about."""


@dataclass(frozen=True, eq=False)
class DeskSeen:
    """A desk's tickets by topic, and the cost of their paths by `rates`. `decided`: topics whose work
    somebody moves already; whether that works, the desk's own page tells."""

    name: str
    desked: Desked
    paths: Paths
    rates: Rates
    zone: ZoneInfo
    decided: frozenset[str] = frozenset()

    @property
    def history(self) -> History:
        return self.desked.history

    @property
    def topic(self) -> Coded:
        return self.desked.topics.topic

    @property
    def assumed(self) -> Assumed:
        """Of work that moves to self-service."""
        shifts = self.rates.shifts
        return Assumed(shifts.used, shifts.success, shifts.induced)

    @cached_property
    def returns(self) -> Returns:
        return returns_of(self.history)

    @cached_property
    def customer(self) -> Int64:
        """Whose each ticket is; one whose customer is not known is somebody's of its own, below zero."""
        codes = self.history.of_ticket["customer"].codes.astype(np.int64)
        return np.where(codes >= 0, codes, -2 - np.arange(len(codes)))

    @cached_property
    def day(self) -> Int64:
        """The local day on which each was opened, as days since 1970-01-01."""
        return local_us(self.history.facts.opened, self.zone) // DAY_US

    @property
    def last_day(self) -> int:
        """The local day of the watermark."""
        return int(local_us(np.array([self.history.as_of], np.int64), self.zone)[0] // DAY_US)

    def window(self, until: int) -> tuple[int, float]:
        """Where the thirteen weeks that end at `until` (UTC microseconds) begin, and how many weeks the
        history has of them, one at least."""
        begin = max(until - DAYS * DAY_US, int(self.history.facts.opened.min()))
        return begin, max((until - begin) / (7 * DAY_US), 1.0)

    def price(self, mask: Bool) -> float | None:
        """What one of these tickets cost on its path, on average; None where nothing tells."""
        priced = mask & self.paths.priced
        return float(self.paths.cost[priced].mean()) if priced.any() else None

    def named(self, column: str, mask: Bool) -> str:
        """What most of these tickets name as their service or component; "" where they do not agree."""
        coded = self.history.of_ticket[column]
        codes = coded.codes[mask & (coded.codes >= 0)]
        if not len(codes) or len(codes) < np.count_nonzero(mask) / 2:
            return ""
        counts = np.bincount(codes)
        most = int(counts.argmax())
        return str(coded.names[most]) if counts[most] >= NAMED * len(codes) else ""


@dataclass(frozen=True, eq=False)
class DeskTrouble:
    """One trouble at a desk. `mask`: its tickets, bool[t]. `excess`: customers a week beyond what would have
    been, `ruined`: customer-days a week, `cost` a week. `p`: one-sided, nan for what is told by an interval
    or was judged among its own kind. `folded`: other families of the same topic."""

    seen: DeskSeen
    family: Family
    detector: Detector
    mask: Bool
    excess: Estimate
    ruined: Estimate
    cost: float | None
    evidence: DeskEvidence
    p: float = float("nan")
    q: float = 0.0
    topic: str = ""
    teams: tuple[str, ...] = ()
    since: Onset | None = None
    folded: tuple[Family, ...] = field(default=())

    @property
    def culprit(self) -> str:
        """What it is about, in the words of a cause key."""
        if self.teams:
            return f"teams={' ⇄ '.join(self.teams)}"
        return f"topic={self.topic}" if self.topic else ""

    @property
    def key(self) -> CauseKey:
        return CauseKey(f"desk:{self.seen.name}", "", self.culprit, self.family)


def estimate(value: float, error: float) -> Estimate:
    """A number with its 90 % interval; what is counted is never below zero."""
    half = Z90 * error
    return Estimate(value, max(value - half, 0.0), value + half)


def times(found: Estimate, factor: float) -> Estimate:
    return Estimate(found.value * factor, found.low * factor, found.high * factor)


NOTHING = Estimate(0.0, 0.0, 0.0)
