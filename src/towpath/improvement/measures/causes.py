"""Causes: what stands out among all candidates of a look, each once, with what was usual.

Looks over all journeys, steps and families at once (`rules.looks`), then names each cause by the smallest
description that covers it; what is left outside of that is looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from towpath.analytics.families import family
from towpath.improvement.measures.culprits import described
from towpath.improvement.measures.descriptions import Description
from towpath.improvement.measures.detectors.shares import (
    LEAST_BEFORE,
    MORE_THAN_ELSEWHERE,
    MORE_THAN_LONG_BEFORE,
    MORE_THAN_TOLERATED,
    TODAY,
    Candidate,
    Margin,
    Span,
    candidates,
)
from towpath.improvement.measures.step_days import StepDays
from towpath.improvement.rules.looks import Q, limit_today

Bool = npt.NDArray[np.bool_]
MOST_AT_A_STEP = 3
KIN = 0.01
"""What is certain to be slow at one step needs no more than that to be told at another."""
SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Watched:
    """What is looked at: the customer-days of one step and family, and from when on they are trouble. `harm`:
    the ruined ones among them, where `days` tells what does not ruin a day but is seen sooner."""

    days: StepDays
    margin: Margin
    hours: bool = True
    harm: StepDays | None = None


@dataclass(frozen=True, eq=False)
class Cause:
    """`rows`: which customer-days of `days` it describes (bool[n], bad and good), those of causes found
    before it left out; `signals`: the tests that saw it, surest first, with their q-values; `harm`: as of
    what was watched; `certain`: known by other evidence than how many of them are bad."""

    days: StepDays
    description: Description
    margin: Margin
    rows: Bool
    signals: tuple[tuple[Candidate, float], ...]
    harm: StepDays | None = None
    certain: bool = False

    @property
    def bad(self) -> Bool:
        """bool[n]: the bad ones that it accounts for."""
        return self.days.bad & self.rows & self.description.covers(self.days)

    @property
    def detectors(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(candidate.detector for candidate, _q in self.signals))


@dataclass(frozen=True)
class Limits:
    """P-values up to which a candidate counts: of the closed week, and of the running day. `q`: q-values of
    the closed week's, by the candidate's identity."""

    week: float
    today: float
    q: dict[int, float]

    def admits(self, candidate: Candidate) -> bool:
        return candidate.p <= (self.today if candidate.detector == TODAY else self.week)


def causes_of(
    watched: Sequence[Watched], span: Span, least: int, beside: Sequence[float] = ()
) -> tuple[list[Cause], Limits]:
    """All causes that stand out, over steps, families and journeys, and the limits that they met. `least`:
    bad customer-days below which nothing is tested. `beside`: p-values of other detectors, members of the
    same family."""
    tests = [[*candidates(each.days, span, each.margin, least, hours=each.hours)] for each in watched]
    limits = _limits([test for each in tests for test in each], beside)
    found: list[Cause] = []
    for each, of_step in zip(watched, tests, strict=True):
        selected = [test for test in of_step if limits.admits(test)]
        found += _at_step(each, span, least, selected, limits)
    blamed = {word for cause in found if cause.harm is not None for word in _components(cause)}
    seen = {id(cause.days) for cause in found}
    for each, of_step in zip(watched, tests, strict=True):
        if blamed and each.harm is not None and id(each.days) not in seen:
            kin = [test for test in of_step if test.p <= KIN and test.description.get("component") in blamed]
            found += _at_step(each, span, least, kin, limits)
    return found, limits


def _components(cause: Cause) -> set[str]:
    """Those that a fair part of its bad customer-days name."""
    column = cause.days.dimensions.get("component")
    if column is None:
        return set()
    counts = np.bincount(column.codes[cause.bad & (column.codes >= 0)], minlength=len(column.words))
    return {
        word
        for word, count in zip(column.words, counts.tolist(), strict=True)
        if count >= SHARE * counts.sum()
    }


def _limits(tests: Sequence[Candidate], beside: Sequence[float]) -> Limits:
    weekly = [test for test in tests if test.detector != TODAY]
    values = [*(test.p for test in weekly), *beside]
    judged = family(values, Q)
    chosen = [p for p, taken in zip(values, judged.selected.tolist(), strict=True) if taken]
    q = {id(test): value for test, value in zip(weekly, judged.q.tolist(), strict=False)}
    return Limits(max(chosen, default=-1.0), limit_today(len(tests) - len(weekly)), q)


def _at_step(each: Watched, span: Span, least: int, selected: list[Candidate], limits: Limits) -> list[Cause]:
    found: list[Cause] = []
    days, remaining = each.days, np.ones(len(each.days.day), np.bool_)
    while selected and len(found) < MOST_AT_A_STEP:
        description = described(days, span, selected, hours=each.hours)
        rows = description.describes(each.days) & remaining
        inside = [test for test in selected if _speaks_of(test, description, days)]
        signals = sorted(inside or selected, key=lambda test: test.p)
        told = tuple((replace(test, days=each.days), limits.q.get(id(test), test.p)) for test in signals)
        found.append(Cause(each.days, description, each.margin, rows, told, each.harm))
        remaining &= ~(description.covers(each.days) & (each.days.bad | rows))
        if not description.values and description.hours is None:
            break
        days = each.days.kept(remaining)
        if not len(days.day):
            break
        again = candidates(days, span, each.margin, 2 * least, hours=each.hours)
        selected = [test for test in again if limits.admits(test)]
    return found


def _speaks_of(test: Candidate, description: Description, days: StepDays) -> bool:
    """Whether most bad ones of the test's description are the cause's."""
    bad = test.description.covers(days) & days.bad
    return bool(bad.any()) and float(description.covers(days)[bad].mean()) >= 0.5


def usual_share(cause: Cause, span: Span, begun: int | None = None) -> tuple[float, float]:
    """What share of bad customer-days would have been there, and from how many customer-days that is known.

    As before the trouble where it is new (`begun`: the first day that may belong to it, as the frame counts
    days), as elsewhere at the step where it is not, else what is tolerated.
    """
    days, place = cause.days, cause.days.day - span.first_day
    if begun is not None:
        past = (days.day < begun) & cause.description.describes(days)
        if past.sum() >= LEAST_BEFORE:
            return _share(cause.bad[past]), float(past.sum())
    best = cause.signals[0][0].detector
    now = (place >= span.start) & (place < span.stop)
    if best == MORE_THAN_TOLERATED:
        return cause.margin.tolerated, np.inf
    if best == MORE_THAN_ELSEWHERE:
        rest = now & ~cause.description.describes(days)
        return _share(days.bad[rest]), float(rest.sum())
    part = span.long_before if best == MORE_THAN_LONG_BEFORE else span.before
    past = (place >= part.start) & (place < part.stop) & cause.description.describes(days)
    if past.sum() >= LEAST_BEFORE:
        return _share(cause.bad[past]), float(past.sum())
    rest = now & ~cause.description.describes(days)
    return (_share(days.bad[rest]), float(rest.sum())) if rest.any() else (0.0, np.inf)


def _share(bad: Bool) -> float:
    return float(bad.mean()) if len(bad) else 0.0
