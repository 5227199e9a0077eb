"""Which description the trouble has: the smallest that covers what went wrong beyond the usual."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from towpath.analytics.contrasts import Cells, Condition, explains
from towpath.improvement.measures.columns import NONE
from towpath.improvement.measures.descriptions import HOURS, MOST_VALUES, PARTS_OF_DAY, WHOLE, Description
from towpath.improvement.measures.detectors.shares import (
    MORE_THAN_BEFORE,
    MORE_THAN_LONG_BEFORE,
    TODAY,
    Candidate,
    Span,
)
from towpath.improvement.measures.step_days import StepDays

Int64 = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

PREFERRED = ("version", "component", HOURS, "channel", "service", "language", "region", "device")
IN_TIME = (MORE_THAN_BEFORE, MORE_THAN_LONG_BEFORE, TODAY)
SMOOTHING = 50.0
"""Customer-days of the whole step's usual share that are added to each cell's own past."""
MOST_OF_IT = 0.6
ANOTHER = 0.15
"""A second component with so much of the excess, or more, is another trouble."""
_PART_OF_HOUR = np.array(
    [i for i, (low, high) in enumerate(PARTS_OF_DAY) for _ in range(low, high)], np.int64
)


def described(
    days: StepDays, span: Span, selected: Sequence[Candidate], *, hours: bool = True
) -> Description:
    """The description of the trouble that these tests saw at one step, in one family."""
    best = min(selected, key=lambda candidate: candidate.p)
    now, before = _times(days, span, best)
    names = [name for name in PREFERRED if _tells(days, name, now, hours=hours)]
    found = _explained(days, names, now, before if best.detector in IN_TIME else None)
    if found is None:
        found = best.description
    if found.hours is not None:
        found = Description(found.values, _hours(days, found, now))
    return _with_component(days, found, now, before if best.detector in IN_TIME else None)


def _times(days: StepDays, span: Span, best: Candidate) -> tuple[Bool, Bool]:
    """The customer-days in question, and those of the time that they are compared with."""
    place, detector = days.day - span.first_day, best.detector
    if best.lasting:
        return (place >= span.month.start) & (place < span.stop), place < span.month.start
    if detector == TODAY and span.today is not None:
        return place == span.today, (place >= span.before.start) & (place < span.stop)
    now = (place >= span.start) & (place < span.stop)
    part = span.long_before if detector == MORE_THAN_LONG_BEFORE else span.before
    return now, (place >= part.start) & (place < part.stop)


def _tells(days: StepDays, name: str, now: Bool, *, hours: bool) -> bool:
    if name == HOURS:
        return hours
    if name in days.failing or name not in days.dimensions:
        return False
    used = np.unique(days.dimensions[name].codes[now])
    return 1 < len(used) <= MOST_VALUES


def _codes(days: StepDays, name: str) -> Int64:
    if name == HOURS:
        return np.asarray(_PART_OF_HOUR[days.hour], np.int64)
    return days.dimensions[name].codes.astype(np.int64)


def _explained(days: StepDays, names: list[str], now: Bool, before: Bool | None) -> Description | None:
    if not names or not days.bad[now].any():
        return None
    rows = now if before is None else now | before
    cells, place = _cells([_codes(days, name)[rows] for name in names])
    inside, bad = now[rows], days.bad[rows]
    count = len(cells)
    size = np.bincount(place[inside], minlength=count).astype(np.float64)
    wrong = np.bincount(place[inside & bad], minlength=count).astype(np.float64)
    usual = None
    if before is not None:
        past = np.bincount(place[~inside], minlength=count).astype(np.float64)
        past_bad = np.bincount(place[~inside & bad], minlength=count).astype(np.float64)
        share = (past_bad.sum() + 0.5) / (past.sum() + 1.0)
        usual = size * (past_bad + share * SMOOTHING) / (past + SMOOTHING)
    there = size > 0
    found = explains(
        Cells(tuple(names), cells[there], wrong[there], size[there], None if usual is None else usual[there])
    )
    return None if found is None else _description(days, found.conditions)


def _cells(columns: list[Int64]) -> tuple[Int64, Int64]:
    """The combinations that occur, int64[cells, columns], and each row's.

    As one number a row, since numbers sort far quicker than rows; of at most `MOST_VALUES` values in each of
    seven dimensions it cannot overflow.
    """
    packed = np.zeros(len(columns[0]), np.int64)
    used = []
    for column in columns:
        there = np.zeros(int(column.max()) + 2, np.bool_)
        there[column + 1] = True
        used.append(np.flatnonzero(there) - 1)
        packed = packed * len(used[-1]) + (np.cumsum(there) - 1)[column + 1]
    distinct, place = np.unique(packed, return_inverse=True)
    cells = np.empty((len(distinct), len(columns)), np.int64)
    rest = distinct
    for at in reversed(range(len(columns))):
        rest, digit = np.divmod(rest, len(used[at]))
        cells[:, at] = used[at][digit]
    return cells, place


def _description(days: StepDays, conditions: Sequence[Condition]) -> Description:
    values, hours = [], None
    for condition in conditions:
        if condition.dimension == HOURS:
            hours = PARTS_OF_DAY[condition.value]
        else:
            values.append((condition.dimension, days.dimensions[condition.dimension].words[condition.value]))
    return Description(tuple(values), hours)


def _hours(days: StepDays, found: Description, now: Bool) -> tuple[int, int]:
    """The hours from .. to of the day that tell the bad ones best, by likelihood."""
    rows = now & Description(found.values).describes(days)
    size = np.bincount(days.hour[rows], minlength=24).astype(np.float64)
    bad = np.bincount(days.hour[rows & days.bad], minlength=24).astype(np.float64)
    sums, wrong = np.concatenate([[0], np.cumsum(size)]), np.concatenate([[0], np.cumsum(bad)])
    best, gain = found.hours or (0, 24), -np.inf
    for low in range(24):
        for high in range(low + 1, 25):
            x, n = wrong[high] - wrong[low], sums[high] - sums[low]
            y, m = wrong[-1] - x, sums[-1] - n
            if n and m and x / n > y / m:
                told = _likelihood(x, n) + _likelihood(y, m)
                if told > gain:
                    best, gain = (low, high), told
    return best


def _likelihood(x: float, n: float) -> float:
    share = x / n
    if share <= 0 or share >= 1:
        return 0.0
    return float(x * np.log(share) + (n - x) * np.log1p(-share))


def _with_component(days: StepDays, found: Description, now: Bool, before: Bool | None) -> Description:
    """By the component that most of the excess names, where the step as a whole got worse and others of its
    components did too."""
    if found != WHOLE or "component" not in days.dimensions:
        return found
    column, inside = days.dimensions["component"], found.describes(days)
    counts = np.bincount(
        column.codes[now & inside & days.bad & (column.codes != NONE)], minlength=len(column.words)
    )
    excess = counts.astype(np.float64)
    if before is not None and (before & inside).any():
        past = np.bincount(
            column.codes[before & inside & days.bad & (column.codes != NONE)], minlength=len(column.words)
        )
        excess = excess - past * (now & inside).sum() / (before & inside).sum()
    excess = np.maximum(excess, 0.0)
    ranked = np.sort(excess)[::-1]
    alone = len(ranked) < 2 or ranked[1] < ANOTHER * ranked.sum()
    if alone or ranked[0] < MOST_OF_IT * ranked.sum():
        return found
    return Description((*found.values, ("component", column.words[int(excess.argmax())])), found.hours)
