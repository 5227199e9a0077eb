"""The rule by which a finding is held to be a planted cause; docs/truth.md says it in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import hypot, sqrt

from towpath.improvement.schemas.findings import Detected
from towpath.site.demo.truth import Planted

NEAR = timedelta(days=2)
ON_THE_LIST = ("fault", "slow", "loss", "missing", "grave")
"""Symptoms that findings tell; the desk's own are told elsewhere."""
EVENING = "confounded_evening"
Z95 = 1.959964


def matches(found: Detected, cause: Planted) -> bool:
    """Whether this finding is this cause."""
    return _shows(found, cause) and _where(found, cause) and _what(found, cause) and _since(found, cause)


def names_trap(found: Detected, cause: Planted) -> bool:
    """Whether this finding tells of this trap, whatever it blames and since when."""
    if not cause.steps:
        return found.family == "contact"
    symptoms = {cause.symptom, "slow"} if cause.kind == EVENING else {cause.symptom}
    return f"{found.journey}.{found.step}" in cause.steps and bool(symptoms & {found.family, *found.kinds})


def _shows(found: Detected, cause: Planted) -> bool:
    return cause.symptom in {found.family, *found.kinds}


def _where(found: Detected, cause: Planted) -> bool:
    if cause.symptom == "missing":
        return found.journey in cause.journeys
    return f"{found.journey}.{found.step}" in cause.steps


def _what(found: Detected, cause: Planted) -> bool:
    where = found.where
    hours = cause.hours if cause.kind == "slow_dependency" else None
    if not (cause.component or cause.change or cause.segment or hours):
        return True
    changed = {name for name in (cause.change, cause.version) if name}
    told = (where.change, *where.segment.values())
    return (
        bool(cause.component and where.component == cause.component)
        or any(name in text for name in changed for text in told)
        or bool(cause.segment and cause.segment.items() <= where.segment.items())
        or (hours is not None and where.hours is not None and _overlap(hours, where.hours) > 0.5)
    )


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Shared hours, of all hours of both."""
    first, second = _hours(one), _hours(other)
    return len(first & second) / len(first | second)


def _hours(pair: tuple[int, int]) -> set[int]:
    first, last = pair
    return set(range(first, last)) if first < last else {*range(first, 24), *range(last)}


def _since(found: Detected, cause: Planted) -> bool:
    if cause.symptom == "grave":
        return True
    return found.since is not None and abs(found.since.day - cause.onset.date()) <= NEAR


def holds(found: Sequence[Detected], cause: Planted) -> bool | None:
    """Whether the intervals of the findings of one cause, added, hold its truth; None: not measured."""
    if cause.symptom == "missing" or not found:
        return None
    if cause.symptom == "loss":
        told, true = [each.beyond for each in found], cause.effect.lost_last_week
    else:
        told, true = [each.ruined_days for each in found], cause.effect.ruined_days_last_week
    value = sum(each.value for each in told)
    below = hypot(*(each.value - each.low for each in told))
    above = hypot(*(each.high - each.value for each in told))
    return value - below <= true <= value + above


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share; (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    share, z2 = right / of, Z95**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 * sqrt(share * (1 - share) / of + z2 / (4 * of**2)) / (1 + z2 / of)
    return max(0.0, middle - half), min(1.0, middle + half)
