"""What customers meet through items."""

from __future__ import annotations

from datetime import datetime

import msgspec


class StepThrough(msgspec.Struct, frozen=True):
    """A step of a journey that items carry. `customers_a_week`: who attempt it, of the last seven days;
    `named`: of these, whose events name one of the items. `through`: the items' names, `drawn`: those of them
    that nobody's events name, only the journey's own picture of what lies behind the step."""

    journey: str
    journey_name: str
    step: str
    step_name: str
    moment_of_truth: bool
    customers_a_week: int
    named: int
    through: tuple[str, ...]
    drawn: tuple[str, ...]


class Carrying(msgspec.Struct, frozen=True):
    """`customers_a_week`: distinct customers over all these steps, of the seven days that end with
    `as_of`."""

    as_of: datetime
    customers_a_week: int
    steps: tuple[StepThrough, ...]
