"""What customers meet through items."""

from __future__ import annotations

from datetime import datetime

import msgspec


class StepThrough(msgspec.Struct, frozen=True):
    """A step of a journey that items carry. `customers_a_week`: who meet them there, of the last seven days:
    everybody at the step where the journey's own picture has one of the items behind it, else whose events
    name one; `named`: the latter alone; `attempting`: everybody at the step. `through`: the items' names."""

    journey: str
    journey_name: str
    step: str
    step_name: str
    moment_of_truth: bool
    customers_a_week: int
    named: int
    attempting: int
    through: tuple[str, ...]


class Carrying(msgspec.Struct, frozen=True):
    """`customers_a_week`: distinct customers over all these steps, of the seven days that end with
    `as_of`."""

    as_of: datetime
    customers_a_week: int
    steps: tuple[StepThrough, ...]
