"""Local days put together to weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

from towpath.improvement.schemas.days import DayFigures
from towpath.visibility.schemas.home import Week

WEEKS = 12


def weeks_of(days: Sequence[DayFigures], last: date, most: int = WEEKS) -> tuple[Week, ...]:
    """The seven days that end with `last`, and whole weeks before, as far as days are known; oldest first."""
    by_day = {found.day: found for found in days}
    earliest = min(by_day, default=last)
    found: list[Week] = []
    for back in range(most):
        end = last - timedelta(days=7 * back)
        first = end - timedelta(days=6)
        if back and first < earliest:
            break
        inside = [by_day[day] for day in (first + timedelta(days=n) for n in range(7)) if day in by_day]
        ruined = sum(one.ruined for one in inside)
        found.append(Week(first, end, sum(one.active for one in inside), ruined, None))
    found.reverse()
    return tuple(
        Week(week.first, week.last, week.active, week.ruined, _usual(found[:place]))
        for place, week in enumerate(found)
    )


def _usual(earlier: Sequence[Week]) -> float | None:
    return median(week.ruined for week in earlier) if earlier else None
