"""What can be promised, in which units, and whether what was measured keeps it."""

from __future__ import annotations

from typing import Literal

import msgspec

from towpath.analytics.intervals import wilson
from towpath.catalogue.rules.declaring import DeclaredTarget

Verdict = Literal["kept", "missed", "cannot_tell", "not_measurable"]
ENOUGH = 30
"""Attempts below which nothing is said of a share."""
LATENCY_SHARE = 0.95
"""A latency is promised for this share of attempts."""


class MeasureRule(msgspec.Struct, frozen=True):
    """`units`: each as a multiple of the first one. `share`: a number of per cent, at most 100."""

    units: dict[str, float]
    share: bool = False


PERCENT = MeasureRule({"%": 1.0}, share=True)
TIME = MeasureRule({"h": 1.0, "min": 1 / 60, "d": 24.0})
MEASURES: dict[str, MeasureRule] = {
    "availability": PERCENT,
    "latency": MeasureRule({"ms": 1.0, "s": 1_000.0}),
    "first_response": TIME,
    "resolution": TIME,
    "good_days": PERCENT,
    "satisfaction": PERCENT,
}


def in_first_unit(target: DeclaredTarget) -> float:
    """The value in its measure's first unit."""
    return target.value * MEASURES[target.measure].units[target.unit]


def judged(good: int, attempts: int, promised: float) -> Verdict:
    """Whether a share is what was promised (0 to 1): said only where the 95 % interval lies on one side."""
    if not attempts:
        return "not_measurable"
    if attempts < ENOUGH:
        return "cannot_tell"
    bounds = wilson(good, attempts)
    if float(bounds.low) >= promised:
        return "kept"
    return "missed" if float(bounds.high) < promised else "cannot_tell"


def differs(bad: int, attempts: int, bad_before: int, attempts_before: int) -> Literal["worse", "better", ""]:
    """Whether a share of faults has left the interval of the week before; "" where that cannot be told."""
    if min(attempts, attempts_before) < ENOUGH:
        return ""
    now, before = wilson(bad, attempts), wilson(bad_before, attempts_before)
    if float(now.low) > float(before.high):
        return "worse"
    return "better" if float(now.high) < float(before.low) else ""
