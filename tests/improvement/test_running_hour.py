"""An hour that still runs has fewer customers than a whole one, and is no outage."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from towpath.improvement.measures.missing import _holes

DAYS, AN_HOUR = 56, 400


def holes(as_of: datetime, counts: np.ndarray[Any, Any]) -> list[tuple[int, int]]:
    frame = SimpleNamespace(
        as_of=as_of, zone=ZoneInfo("Europe/Stockholm"), closed=DAYS - 2, last_day=DAYS - 1, first_day=0,
        week=(DAYS - 7, DAYS - 1), days=range(DAYS), elapsed=0.5,
    )  # fmt: skip
    found = _holes(cast(Any, frame), cast(Any, SimpleNamespace()), 0, counts)
    return [hole.hours for hole in found if hole.p < 1e-6 and hole.day == DAYS - 1]


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


def test_an_hour_that_is_over_and_had_nobody_is_a_hole() -> None:
    counts = arrivals(12, 100)
    counts[(DAYS - 1) * 24 + 10 : (DAYS - 1) * 24 + 12] = 0
    assert holes(datetime(2026, 11, 23, 11, 15, tzinfo=UTC), counts) == [(10, 12)]
