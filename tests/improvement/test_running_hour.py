"""An hour that still runs has fewer customers than a whole one, and is no outage."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from towpath.improvement.measures.local_time import day_number, hours_lacking
from towpath.improvement.measures.missing import _holes

DAYS, AN_HOUR = 56, 400
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def holes(as_of: datetime, counts: np.ndarray[Any, Any], first_day: int = 0) -> list[tuple[int, int]]:
    """Of the last day; hours after that of `as_of` are not over."""
    last = first_day + DAYS - 1
    frame = SimpleNamespace(
        as_of=as_of, zone=STOCKHOLM, closed=last - 1, last_day=last, first_day=first_day,
        week=(last - 6, last), days=range(DAYS),
    )  # fmt: skip
    found = _holes(cast(Any, frame), cast(Any, SimpleNamespace()), 0, counts)
    return [hole.hours for hole in found if hole.p < 1e-6 and hole.day == last]


def arrivals(whole_hours: int, running: int) -> np.ndarray[Any, Any]:
    """Steady ones, up to so many whole hours of the last local day, and some of the next hour."""
    counts = np.random.default_rng(1).poisson(AN_HOUR, DAYS * 24)
    counts[(DAYS - 1) * 24 + whole_hours :] = 0
    counts[(DAYS - 1) * 24 + whole_hours] = running
    return counts


@pytest.mark.parametrize("minute", [20, 35, 59])
def test_the_running_hour_is_not_compared_with_a_whole_one(minute: int) -> None:
    as_of = datetime(2026, 11, 23, 11, minute, tzinfo=UTC)
    assert holes(as_of, arrivals(12, AN_HOUR * minute // 60)) == []


def test_an_hour_that_the_clock_leaps_over_is_not_missed() -> None:
    spring = day_number(date(2026, 3, 29))
    counts = np.random.default_rng(2).poisson(AN_HOUR, DAYS * 24)
    counts[(DAYS - 1) * 24 + 2] = 0
    assert hours_lacking(spring, STOCKHOLM) == [2]
    assert hours_lacking(spring + 1, STOCKHOLM) == []
    noon = datetime(2026, 3, 29, 10, 5, tzinfo=UTC)
    assert holes(noon, counts, spring - DAYS + 1) == []
    assert holes(noon, counts, spring - DAYS + 8) == [(2, 3)]


def test_an_hour_that_is_over_and_had_nobody_is_a_hole() -> None:
    counts = arrivals(12, 100)
    counts[(DAYS - 1) * 24 + 10 : (DAYS - 1) * 24 + 12] = 0
    assert holes(datetime(2026, 11, 23, 11, 15, tzinfo=UTC), counts) == [(10, 12)]
