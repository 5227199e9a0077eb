"""What a step of a journey hangs on."""

from __future__ import annotations

from datetime import datetime

import msgspec

from towpath.estate.schemas.blast import ItemPlace, Unavailable


class BehindStep(msgspec.Struct, frozen=True):
    """A service or component behind the step. `drawn`: the journey's own picture has it there, so that nobody
    gets through without it; else only events name it. `item`: None where the estate does not know it."""

    name: str
    drawn: bool
    item: ItemPlace | None


class StepBeneath(msgspec.Struct, frozen=True):
    """A step, `customers_a_week` who attempt it (seven days until `as_of`), what stands `behind` it, and all
    `needs` items that these hang on, the nearest in `beneath`. Each of `single_points` takes the step down
    alone; `unavailable`: share of time in which what is drawn behind it does not work together, None where
    nothing is."""

    journey: str
    journey_name: str
    step: str
    step_name: str
    as_of: datetime | None
    customers_a_week: int
    behind: tuple[BehindStep, ...]
    needs: int
    beneath: tuple[ItemPlace, ...]
    single_points: tuple[ItemPlace, ...]
    all_tried: bool
    unavailable: Unavailable | None
