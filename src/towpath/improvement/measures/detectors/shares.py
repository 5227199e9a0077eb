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
STILL = 0.05
"""Up to that chance of as many bad ones in the last week, what has been so for four is not over."""
Test = tuple[str, Floats, Floats, slice]
"""Detector, p-values and the bad ones that were usual, float64[descriptions]; and the days in question."""


@dataclass(frozen=True)
class Margin:
    """At most `times` the reference plus `plus` is as before; up to `tolerated` nothing is chronic.

    `elsewhere`: whether a part of the step is held against its rest. `everywhere`: how much more often it
    happens to a description elsewhere in the journey too, which no step is to blame for.
    """

    tolerated: float
    times: float = 1.25
    plus: float = 0.002
    chronic: bool = True
    elsewhere: bool = True
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

    @property
    def month(self) -> slice:
        """Four closed weeks, the tested one the last."""
        return slice(max(self.stop - MONTH, 0), self.stop)

    @property
    def before_month(self) -> slice:
        return slice(0, max(self.stop - MONTH, 0))


@dataclass(frozen=True)
class Candidate:
    """One test: `bad` of `size` customer-days with the description, against `usual` bad ones.

    `detector`: a code; `p`: one-sided. `lasting`: of the last four weeks instead of one.
    """

    days: StepDays
    description: Description
    detector: str
    p: float
    bad: float
    size: float
    usual: float
    lasting: bool = False


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
        for test in counts.tests():
            for candidate in _kept(days, table, span, least, test):
                figures = (candidate.detector, candidate.p, candidate.bad, candidate.size)
                # Landlines are the phone by another name: one test, not two.
                if figures not in told:
                    told.add(figures)
                    yield candidate


def _kept(days: StepDays, table: Table, span: Span, least: int, test: Test) -> Iterator[Candidate]:
    detector, p, usual, asked = test
    bad, size = table.bad[:, asked].sum(axis=1), table.size[:, asked].sum(axis=1)
    for i in np.flatnonzero((bad >= least) & ~np.isnan(p)).tolist():
        figures = float(p[i]), float(bad[i]), float(size[i]), float(usual[i])
        yield Candidate(days, table.descriptions[i], detector, *figures, lasting=asked == span.month)


@dataclass(frozen=True, eq=False)
class _Counts:
    """A table's counts in the spans that are compared."""

    table: Table
    whole: Table
    span: Span
    margin: Margin
    spread: float

    def tests(self) -> Iterator[Test]:
        """Those that say something of this table."""
        span = self.span
        yield self._against(MORE_THAN_BEFORE, span.tested, span.before)
        yield self._against(MORE_THAN_LONG_BEFORE, span.tested, span.long_before)
        if span.today is not None:
            today = slice(span.today, span.today + 1)
            yield self._against(TODAY, today, slice(span.before.start, span.stop))
        lasting = self._against(MORE_THAN_LONG_BEFORE, span.month, span.before_month)
        yield self._still(lasting, self._sums(span.before_month))
        if self.table.dimension and not self.table.failing:
            if self.margin.elsewhere:
                yield self._elsewhere(span.tested)
                yield self._still(self._elsewhere(span.month), self._rest(span.tested))
        elif self.margin.chronic:
            x, n = self._sums(span.tested)
            p = above_share(x, n, self.margin.tolerated, dispersion=self._spread(n, span.tested))
            yield MORE_THAN_TOLERATED, p, n * self.margin.tolerated, span.tested

    def _sums(self, part: slice) -> tuple[Floats, Floats]:
        x, n = self.table.bad[:, part].sum(axis=1), self.table.size[:, part].sum(axis=1)
        return np.asarray(x, np.float64), np.asarray(n, np.float64)

    def _spread(self, n: Floats, part: slice) -> Floats:
        """Days that are bad for everybody are so in proportion to size."""
        all_of = max(float(self.whole.size[:, part].sum()), 1.0)
        return np.asarray(1.0 + (self.spread - 1.0) * np.minimum(n / all_of, 1.0), np.float64)

    def _against(self, detector: str, asked: slice, part: slice) -> Test:
        (x, n), (before_x, before_n) = self._sums(asked), self._sums(part)
        p = above_other(
            x,
            n,
            before_x,
            before_n,
            dispersion=self._spread(n, self.span.tested if detector == TODAY else asked),
            times=self.margin.times,
            plus=self.margin.plus,
        )
        enough = (before_n >= LEAST_BEFORE) & (n >= (1 if detector == TODAY else LEAST_SIZE))
        with np.errstate(divide="ignore", invalid="ignore"):
            usual = np.where(before_n > 0, n * before_x / before_n, 0.0)
        return detector, np.where(enough, p, np.nan), usual, asked

    def _elsewhere(self, asked: slice) -> Test:
        (x, n), (rest_x, rest_n) = self._sums(asked), self._rest(asked)
        spread = self._spread(n, asked)
        plus = self.margin.plus + np.array(
            [self.margin.everywhere.get(each, 0.0) for each in self.table.descriptions], np.float64
        )
        worse = above_other(x, n, rest_x, rest_n, dispersion=spread, times=self.margin.times, plus=plus)
        harm = above_share(x, n, self.margin.tolerated, dispersion=spread)
        enough = (rest_n >= LEAST_BEFORE) & (n >= LEAST_SIZE)
        with np.errstate(divide="ignore", invalid="ignore"):
            usual = np.where(rest_n > 0, n * rest_x / rest_n, 0.0)
        return MORE_THAN_ELSEWHERE, np.where(enough, np.maximum(worse, harm), np.nan), usual, asked

    def _rest(self, asked: slice) -> tuple[Floats, Floats]:
        """The step's other customer-days."""
        x, n = self._sums(asked)
        whole = self.whole
        return float(whole.bad[:, asked].sum()) - x, float(whole.size[:, asked].sum()) - n

    def _still(self, lasting: Test, reference: tuple[Floats, Floats]) -> Test:
        """What was so for four weeks counts only where the last of them is unusual too: what is over is no
        trouble."""
        detector, p, usual, asked = lasting
        x, n = self._sums(self.span.tested)
        now = above_other(x, n, *reference, dispersion=self._spread(n, self.span.tested))
        return detector, np.where((now <= STILL) | np.isnan(p), p, 1.0), usual, asked
