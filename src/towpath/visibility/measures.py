"""The one place where this area calls `analytics`."""

from __future__ import annotations

from towpath.analytics.intervals import wilson
from towpath.improvement.schemas.days import JourneyDays
from towpath.visibility.schemas.home import Pace


def pace_of(journey: JourneyDays) -> Pace | None:
    """How the journey's good-day rate moved against its own four weeks before; None where either is unknown.

    The interval is that of this week's share alone, customers as clusters: four weeks before hold four times
    the days. A week that was kept without it has Wilson's.
    """
    if not journey.active or journey.before is None:
        return None
    now = 1 - journey.ruined / journey.active
    low, high = journey.low, journey.high
    if low is None or high is None:
        bounds = wilson(journey.active - journey.ruined, journey.active)
        low, high = float(bounds.low), float(bounds.high)
    return Pace(
        journey=journey.journey,
        name=journey.name,
        now=now,
        before=journey.before,
        change=now - journey.before,
        low=low - journey.before,
        high=high - journey.before,
    )
