"""Effort estimated from who held what: a person's time is divided among the tickets held at once.

While a person holds k tickets in a working state each gets 1/k of the time; a day (UTC) gives no more than
its capacity, which shrinks all that was held on that day alike. It is an estimate: nobody logged it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from towpath.analytics.kernels.compiling import Int32, Int64

DAY_US = 86_400_000_000
Floats = npt.NDArray[np.float64]


def shared_effort(person: Int32, begin: Int64, end: Int64, capacity: int) -> Floats:
    """Microseconds of work in each interval, float64[n]. `person` int32[n] (0 or more), `begin` and `end`
    int64[n] (microseconds), `capacity`: microseconds of work in a day. Raises ValueError where an interval
    ends before it begins."""
    if len(begin) and (end < begin).any():
        raise ValueError("An interval ends before it begins.")
    count = len(person)
    if not count:
        return np.zeros(0)
    midnights, whose = _midnights(person, begin, end)
    at = np.concatenate([begin, end, midnights])
    who = np.concatenate([person, person, whose]).astype(np.int64)
    step = np.concatenate([np.ones(count), -np.ones(count), np.zeros(len(midnights))])
    order = np.lexsort((at, who))
    at, who, held = at[order], who[order], np.cumsum(step[order])
    # Everybody holds nothing before the first and after the last, so the sum runs over people unharmed.
    lasted = np.append(np.diff(at), 0).astype(np.float64) * np.append(who[1:] == who[:-1], False)
    busy = np.where(held > 0, lasted, 0.0)
    scale = _scale(who, at // DAY_US, busy, capacity)
    got = np.append(0.0, np.cumsum(np.where(held > 0, busy * scale / np.maximum(held, 1), 0.0)))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return np.asarray(got[place[count : 2 * count]] - got[place[:count]])


def _midnights(person: Int32, begin: Int64, end: Int64) -> tuple[Int64, Int32]:
    """The midnights between each person's first and last moment."""
    people = np.unique(person)
    order = np.argsort(person, kind="stable")
    edges = np.searchsorted(person[order], people)
    first = np.minimum.reduceat(begin[order], edges) // DAY_US
    last = np.maximum.reduceat(end[order], edges) // DAY_US
    days = last - first
    ahead = np.arange(days.sum()) - np.repeat(np.cumsum(days) - days, days) + 1
    return (np.repeat(first, days) + ahead) * DAY_US, np.repeat(people, days)


def _scale(who: Int64, day: Int64, busy: Floats, capacity: int) -> Floats:
    """What is left of each moment once its day is cut to the capacity."""
    new = np.ones(len(who), np.bool_)
    new[1:] = (who[1:] != who[:-1]) | (day[1:] != day[:-1])
    group = np.cumsum(new) - 1
    worked = np.bincount(group, busy)
    return np.asarray(np.minimum(1.0, capacity / np.maximum(worked, 1.0))[group])
