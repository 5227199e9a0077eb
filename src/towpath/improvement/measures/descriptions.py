"""Descriptions: in what the customer-days that went wrong are alike (a version, a channel, an hour band)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from towpath.improvement.measures.columns import NONE, Column
from towpath.improvement.measures.step_days import StepDays

Int64 = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

HOURS = "hours"
PARTS_OF_DAY = ((0, 6), (6, 10), (10, 14), (14, 18), (18, 22), (22, 24))
MOST_VALUES = 200
"""A dimension with more values than this tells customers apart, not causes."""
_PART_OF_HOUR = np.array(
    [i for i, (low, high) in enumerate(PARTS_OF_DAY) for _ in range(low, high)], np.int32
)


class Described(Protocol):
    """What has hours and values: customer-days at a step, or attempts."""

    @property
    def hour(self) -> npt.NDArray[np.int8]: ...

    @property
    def dimensions(self) -> dict[str, Column]: ...


@dataclass(frozen=True)
class Description:
    """Customer-days with all of these values; `hours`: local hours [first, after the last)."""

    values: tuple[tuple[str, str], ...] = ()
    hours: tuple[int, int] | None = None

    def covers(self, days: Described) -> Bool:
        """Which of the customer-days (or attempts) it describes, bool[n]."""
        return self._holds(days, frozenset())

    def describes(self, days: StepDays) -> Bool:
        """The same, but what only bad attempts name describes good ones too: they might have failed so."""
        return self._holds(days, days.failing)

    def _holds(self, days: Described, leaving: frozenset[str]) -> Bool:
        covered = np.ones(len(days.hour), np.bool_)
        for name, word in self.values:
            if name not in leaving:
                covered &= days.dimensions[name].is_word(word)
        if self.hours is not None:
            covered &= (days.hour >= self.hours[0]) & (days.hour < self.hours[1])
        return covered

    def get(self, name: str) -> str:
        return dict(self.values).get(name, "")


WHOLE = Description()


def part_of_day(hours: tuple[int, int] | None) -> tuple[int, int] | None:
    """The part of the day that most of these hours lie in."""
    if hours is None:
        return None
    return max(PARTS_OF_DAY, key=lambda part: min(part[1], hours[1]) - max(part[0], hours[0]))


@dataclass(frozen=True, eq=False)
class Table:
    """Daily counts by description: `size`, `bad` float64[descriptions, days]. `failing`: the dimension is
    named by bad attempts only, so that sizes are those of the whole step."""

    dimension: str
    descriptions: tuple[Description, ...]
    size: Floats
    bad: Floats
    failing: bool = False


def tables(days: StepDays, first_day: int, count: int, *, hours: bool = True) -> Iterator[Table]:
    """Counts on `count` days from `first_day`: of the whole step, then by each dimension that says
    something."""
    place = (days.day - first_day).astype(np.int64)
    whole = _counts(np.zeros(len(place), np.int64), 1, place, count, days.bad)
    yield Table("", (WHOLE,), *whole)
    for name, column in days.dimensions.items():
        words, codes = _used(column.codes, column.words)
        if not 0 < len(words) <= MOST_VALUES:
            continue
        failing = name in days.failing
        if len(words) == 1 and not failing and (codes >= 0).all():
            continue
        size, bad = _counts(codes, len(words), place, count, days.bad)
        found = tuple(Description(((name, word),)) for word in words)
        yield Table(name, found, np.repeat(whole[0], len(words), axis=0) if failing else size, bad, failing)
    if hours:
        part = _PART_OF_HOUR[days.hour].astype(np.int64)
        found = tuple(Description((), band) for band in PARTS_OF_DAY)
        yield Table(HOURS, found, *_counts(part, len(PARTS_OF_DAY), place, count, days.bad))


def _used(codes: npt.NDArray[np.int32], words: tuple[str, ...]) -> tuple[list[str], Int64]:
    """The words that occur, and codes into these."""
    seen = np.bincount(codes[codes != NONE], minlength=len(words)) > 0
    renumbered = np.append(np.where(seen, np.cumsum(seen) - 1, NONE), NONE).astype(np.int64)
    return [word for word, there in zip(words, seen.tolist(), strict=True) if there], renumbered[codes]


def _counts(codes: Int64, values: int, place: Int64, count: int, bad: Bool) -> tuple[Floats, Floats]:
    known = codes >= 0
    cell = codes[known] * count + place[known]
    size = np.bincount(cell, minlength=values * count).reshape(values, count)
    wrong = np.bincount(cell[bad[known]], minlength=values * count).reshape(values, count)
    return size.astype(np.float64), wrong.astype(np.float64)
