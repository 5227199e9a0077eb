"""Intervals of calls to figures: by queue, week, and hour of the week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics.clustered import clustered_shares
from towpath.desk.schemas.calls import CallFigures

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
USUAL = 0.5
"""Share of its weekdays on which an interval must be there for its absence to be missed."""


@dataclass(frozen=True)
class Calls:
    """Rows of equal length. `day`: since 1970-01-01, `minute` of the day, both local; nan: not told."""

    queue: npt.NDArray[np.object_]
    day: Codes
    minute: Codes
    offered: Floats
    answered: Floats
    abandoned: Floats
    wait: Floats
    within: Floats

    def of(self, chosen: npt.NDArray[np.bool_]) -> Calls:
        return Calls(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    @property
    def monday(self) -> Codes:
        """The week's first day; 1970-01-01 was a Thursday."""
        return self.day - (self.day + 3) % 7

    @property
    def weekday(self) -> Codes:
        return (self.day + 3) % 7


def calls_of(rows: Sequence[tuple[str, int, float, float, float | None, float | None, float | None]],
             zone: str) -> Calls:  # fmt: skip
    """Rows of (queue, begins, offered, answered, abandoned, wait, within)."""
    columns = list(zip(*rows, strict=True)) or [()] * 7
    at = pa.array(columns[1], pa.int64()).cast(pa.timestamp("us", zone))
    local = pc.local_timestamp(at).cast(pa.int64()).to_numpy()
    day = local // 86_400_000_000
    told = (np.array(column, np.float64) for column in columns[2:])
    return Calls(np.array(columns[0], object), day, (local - day * 86_400_000_000) // 60_000_000, *told)


def figures_by(calls: Calls, group: Codes, groups: int) -> list[CallFigures]:
    """Figures of each group (0 to groups - 1)."""
    known = np.isfinite(calls.abandoned)
    given = np.where(known, calls.abandoned, 0.0)
    shares = clustered_shares(group[known], calls.day[known], given[known], calls.offered[known], groups)
    waited = np.isfinite(calls.wait)
    timed = np.isfinite(calls.within)

    def total(values: Floats, where: npt.NDArray[np.bool_] | None = None) -> Floats:
        held = values if where is None else np.where(where, values, 0.0)
        return np.bincount(group, held, groups).astype(np.float64)

    offered, answered, abandoned = total(calls.offered), total(calls.answered), total(given)
    told, intervals = np.bincount(group, known, groups), np.bincount(group, minlength=groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        wait = total(calls.wait * calls.answered, waited) / total(calls.answered, waited)
        within = total(calls.within * calls.offered, timed) / total(calls.offered, timed)
    return [
        CallFigures(
            offered=int(offered[at]),
            answered=int(answered[at]),
            abandoned=int(abandoned[at]) if told[at] else None,
            unexplained=int(offered[at] - answered[at] - abandoned[at]),
            given_up_share=_known(shares.share[at]),
            given_up_low=_known(shares.low[at]),
            given_up_high=_known(shares.high[at]),
            wait_seconds=_known(wait[at]),
            within_share=_known(within[at]),
            intervals=int(intervals[at]),
        )
        for at in range(groups)
    ]


def missing_of(calls: Calls) -> int:
    """Of one queue: usual intervals that are not there, between its first and its last day."""
    if not len(calls.day):
        return 0
    first, last = int(calls.day.min()), int(calls.day.max())
    days = np.bincount((np.arange(first, last + 1) + 3) % 7, minlength=7)
    # The hour that comes twice in autumn is one place in the week, and counts once.
    places = np.unique(np.stack([calls.day, calls.minute]), axis=1)
    slots, seen = np.unique((places[0] + 3) % 7 * 1440 + places[1], return_counts=True)
    possible = days[slots // 1440]
    usual = (seen >= USUAL * possible) & (possible > 1)
    return int((possible - seen)[usual].sum())


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
