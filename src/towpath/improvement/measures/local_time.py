"""Local dates and hours of UTC moments, for millions of them at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
_QUARTER_US = HOUR_US // 4
_EPOCH = date(1970, 1, 1)


def local_us(moments: Int64, zone: ZoneInfo) -> Int64:
    """Local wall-clock microseconds since 1970-01-01 of UTC microseconds int64[n].

    Offsets are looked up once for each quarter of an hour that occurs: no zone changes within one.
    """
    if not len(moments):
        return moments.copy()
    quarter = moments // _QUARTER_US
    first = int(quarter.min())
    span = int(quarter.max()) - first + 1
    if span > 4 * len(moments) + 100_000:
        distinct, place = np.unique(quarter, return_inverse=True)
        return moments + _offsets(distinct, zone)[place]
    occurs = np.zeros(span, np.bool_)
    occurs[quarter - first] = True
    offset = np.zeros(span, np.int64)
    there = np.flatnonzero(occurs)
    offset[there] = _offsets(there + first, zone)
    return moments + offset[quarter - first]


def microseconds_of(moment: datetime) -> int:
    """UTC microseconds since 1970, exactly."""
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def date_of(number: int) -> date:
    return date.fromordinal(_EPOCH.toordinal() + number)


def start_of(number: int, zone: ZoneInfo) -> datetime:
    """When the local day begins."""
    day = date_of(number)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def hours_lacking(number: int, zone: ZoneInfo) -> list[int]:
    """Hours (0 to 23) that no clock shows on that local day: where the clock is put forward."""
    first, stop = start_of(number, zone), start_of(number + 1, zone)
    quarters = int((stop - first) / timedelta(minutes=15))
    shown = {(first + timedelta(minutes=15 * i)).astimezone(zone).hour for i in range(quarters)}
    return [hour for hour in range(24) if hour not in shown]


def _offsets(quarters: Int64, zone: ZoneInfo) -> Int64:
    found = np.empty(len(quarters), np.int64)
    for i, quarter in enumerate(quarters.tolist()):
        delta = datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone).utcoffset()
        found[i] = 0 if delta is None else round(delta.total_seconds()) * 1_000_000
    return found
