"""Shares of bad customer-days at a step: more than before, more than elsewhere, more than is tolerated.

The null hypothesis is never "exactly as before" but "at most a little worse" (`Margin`): in many events the
smallest wave of the season would be certain, and would be nobody's trouble.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from towpath.analytics.excess import above_other, above_share, dispersion
from towpath.improvement.measures.descriptions import Description, Table, tables
from towpath.improvement.measures.frame import MONTH, Frame
from towpath.improvement.measures.step_days import StepDays

Floats = npt.NDArray[np.float64]

MORE_THAN_BEFORE, MORE_THAN_LONG_BEFORE = "more_than_before", "more_than_long_before"
MORE_THAN_ELSEWHERE, MORE_THAN_TOLERATED = "more_than_elsewhere", "more_than_tolerated"
TODAY = "today"
LEAST_SIZE = 10
LEAST_BEFORE = 50
"""Customer-days of a time before that it takes to know how that time was."""


@dataclass(frozen=True)
class Margin:
    """At most `times` the reference plus `plus` is as before; up to `tolerated` nothing is chronic.

    `everywhere`: how much more often it happens to a description elsewhere in the journey too, which no step
    is to blame for.
    """

    tolerated: float
    times: float = 1.25
    plus: float = 0.002
    chronic: bool = True
    everywhere: Mapping[Description, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """Places among the frame's `count` days from `first_day` (from 0; `stop` exclusive): the closed week that
    is tested, and the running day, where it runs."""

    first_day: int
    count: int
    start: int
    stop: int
    today: int | None

    @classmethod
    def of(cls, frame: Frame) -> Span:
        first, last = (day - frame.first_day for day in frame.tested)
        running = frame.last_day - frame.first_day if frame.closed < frame.last_day else None
        return cls(frame.first_day, len(frame.days), first, last + 1, running)

    @property
    def before(self) -> slice:
        return slice(max(self.start - MONTH, 0), self.start)

    @property
    def long_before(self) -> slice:
        return slice(0, max(self.start - MONTH, 0))

    @property
    def tested(self) -> slice:
        return slice(self.start, self.stop)


@dataclass(frozen=True)
class Candidate:
    """One test: `bad` of `size` customer-days with the description, against `usual` bad ones.

    `detector`: a code; `p`: one-sided.
    """

    days: StepDays
    description: Description
    detector: str
    p: float
    bad: float
    size: float
    usual: float


def candidates(
    days: StepDays, span: Span, margin: Margin, least: int, *, hours: bool = True
) -> Iterator[Candidate]:
    """All tests of one family at one step. Descriptions with fewer than `least` bad ones are no members."""
    whole: Table | None = None
    spread = 1.0
    told: set[tuple[str, float, float, float]] = set()
    for table in tables(days, span.first_day, span.count, hours=hours):
        if whole is None:
            whole = table
            spread = float(dispersion(table.bad[:, : span.stop], table.size[:, : span.stop])[0])
        counts = _Counts(table, whole, span, margin, spread)
        for detector, p, usual in counts.tests():
            for candidate in _kept(days, table, span, least, (detector, p, usual)):
                figures = (detector, candidate.p, candidate.bad, candidate.size)
                # Landlines are the phone by another name: one test, not two.
                if figures not in told:
                    told.add(figures)
                    yield candidate


def _kept(
    days: StepDays, table: Table, span: Span, least: int, test: tuple[str, Floats, Floats]
) -> Iterator[Candidate]:
    detector, p, usual = test
    asked = slice(span.today, (span.today or 0) + 1) if detector == TODAY else span.tested
    bad, size = table.bad[:, asked].sum(axis=1), table.size[:, asked].sum(axis=1)
    for i in np.flatnonzero((bad >= least) & ~np.isnan(p)).tolist():
        figures = float(p[i]), float(bad[i]), float(size[i]), float(usual[i])
        yield Candidate(days, table.descriptions[i], detector, *figures)


@dataclass(frozen=True, eq=False)
class _Counts:
    """A table's counts in the spans that are compared."""

    table: Table
    whole: Table
    span: Span
    margin: Margin
    spread: float

    def tests(self) -> Iterator[tuple[str, Floats, Floats]]:
        """Detector, p-values, and the bad ones that were usual, float64[descriptions]."""
        span = self.span
        x, n = self._sums(span.tested)
        yield self._against(MORE_THAN_BEFORE, span.before, x, n)
        yield self._against(MORE_THAN_LONG_BEFORE, span.long_before, x, n)
        if span.today is not None:
            x_now, n_now = self._sums(slice(span.today, span.today + 1))
            yield self._against(TODAY, slice(span.before.start, span.stop), x_now, n_now)
        if not self.table.dimension or self.table.failing:
            if not self.margin.chronic:
                return
            p = above_share(x, n, self.margin.tolerated, dispersion=self._spread(n))
            yield MORE_THAN_TOLERATED, p, n * self.margin.tolerated
        else:
            yield self._elsewhere(x, n)

    def _sums(self, part: slice) -> tuple[Floats, Floats]:
        x, n = self.table.bad[:, part].sum(axis=1), self.table.size[:, part].sum(axis=1)
        return np.asarray(x, np.float64), np.asarray(n, np.float64)

    def _spread(self, n: Floats) -> Floats:
        """Days that are bad for everybody are so in proportion to size."""
        all_of = max(float(self.whole.size[:, self.span.tested].sum()), 1.0)
        return np.asarray(1.0 + (self.spread - 1.0) * np.minimum(n / all_of, 1.0), np.float64)

    def _against(self, detector: str, part: slice, x: Floats, n: Floats) -> tuple[str, Floats, Floats]:
        before_x, before_n = self._sums(part)
        p = above_other(
            x,
            n,
            before_x,
            before_n,
            dispersion=self._spread(n),
            times=self.margin.times,
            plus=self.margin.plus,
        )
        enough = (before_n >= LEAST_BEFORE) & (n >= (1 if detector == TODAY else LEAST_SIZE))
        with np.errstate(divide="ignore", invalid="ignore"):
            usual = np.where(before_n > 0, n * before_x / before_n, 0.0)
        return detector, np.where(enough, p, np.nan), usual

    def _elsewhere(self, x: Floats, n: Floats) -> tuple[str, Floats, Floats]:
        part = self.span.tested
        rest_x = float(self.whole.bad[:, part].sum()) - x
        rest_n = float(self.whole.size[:, part].sum()) - n
        spread = self._spread(n)
        plus = self.margin.plus + np.array(
            [self.margin.everywhere.get(each, 0.0) for each in self.table.descriptions], np.float64
        )
        worse = above_other(x, n, rest_x, rest_n, dispersion=spread, times=self.margin.times, plus=plus)
        harm = above_share(x, n, self.margin.tolerated, dispersion=spread)
        enough = (rest_n >= LEAST_BEFORE) & (n >= LEAST_SIZE)
        with np.errstate(divide="ignore", invalid="ignore"):
            usual = np.where(rest_n > 0, n * rest_x / rest_n, 0.0)
        return MORE_THAN_ELSEWHERE, np.where(enough, np.maximum(worse, harm), np.nan), usual
