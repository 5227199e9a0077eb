"""Did it work: a topic's change against topics that did not move, each treated as if it had (placebo
interval).

What led to a choice is no part of its baseline: a topic that was chosen since it had just been bad gets
better by itself (regression to the mean). Change = log of the rate after, of the baseline's, minus the
middle change of the comparison topics. Each is divided by its own standard error (counts, with the
overdispersion of its baseline weeks), so that large and small topics can be compared; the spread of the
comparison topics, by rank, is the interval. With 19 of them the widest one bounds 95 %, so fewer are too
few (Abadie et al. 2010, JASA 105:493, for the idea).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Verdict = Literal["fewer", "more", "not shown", "too little data"]
Lack = Literal["", "weeks before", "weeks after", "comparison topics", "tickets"]

WEEKS_BEFORE, WEEKS_AFTER, COMPARISONS = 26, 8, 19
LEAST_EVENTS = 20
"""In a topic's baseline: below it, its change says nothing."""
LEVEL = 0.95


@dataclass(frozen=True)
class Effect:
    """`change`, `low`, `high`: relative, -0.31 is 31 % fewer than without the move; nan without data. `p`:
    share of placebos (with the topic itself) that changed as much. `lacking` says what there was too little
    of."""

    verdict: Verdict
    change: float
    low: float
    high: float
    p: float
    comparisons: int
    weeks_before: int
    weeks_after: int
    lacking: Lack = ""


@dataclass(frozen=True)
class When:
    """Weeks, as columns. `led`: the first of those that led to the choice; the baseline ends before it.
    `moved`: the first week in which the topic was handled the new way."""

    led: int
    moved: int

    def __post_init__(self) -> None:
        if not 0 <= self.led <= self.moved:
            raise ValueError("The weeks that led to a choice come before the move.")


def measure(events: npt.ArrayLike, exposed: npt.ArrayLike, topic: int, when: When) -> Effect:
    """Of events float[topics, weeks] among `exposed` (tickets, or 1 a week to compare numbers of tickets),
    the effect of moving the topic in row `topic`. The other rows must not have moved. Raises ValueError for
    other shapes."""
    hits, size = np.asarray(events, np.float64), np.asarray(exposed, np.float64)
    size = np.broadcast_to(size, hits.shape)
    if hits.ndim != 2 or not 0 <= topic < len(hits) or when.moved > hits.shape[1]:
        raise ValueError("Events are a table of topics and weeks, with the topic and the move in it.")
    before, after = when.led, hits.shape[1] - when.moved
    change, error, usable = _changes(hits, size, when)
    others = np.flatnonzero(usable & (np.arange(len(hits)) != topic))
    counts = (len(others), before, after)
    if lack := _lacking(before, after, len(others), bool(usable[topic])):
        nan = float("nan")
        return Effect("too little data", nan, nan, nan, nan, *counts, lack)
    effect, scale = float(change[topic] - np.median(change[others])), float(error[topic])
    placebos = np.sort(np.abs(_placebos(change[others]) / error[others]))
    rank = min(math.ceil(LEVEL * (len(others) + 1)), len(others))
    half = float(placebos[rank - 1]) * scale
    p = (1 + int(np.sum(placebos >= abs(effect) / scale))) / (len(others) + 1)
    low, high = effect - half, effect + half
    verdict: Verdict = "fewer" if high < 0 else "more" if low > 0 else "not shown"
    return Effect(verdict, math.expm1(effect), math.expm1(low), math.expm1(high), p, *counts)


def _changes(hits: Floats, size: Floats, when: When) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Log of the ratio of rates and its standard error for each topic, and whether it can be compared."""
    old, new = slice(0, when.led), slice(when.moved, None)
    held, came = hits[:, old].sum(axis=1), hits[:, new].sum(axis=1)
    at_old, at_new = size[:, old].sum(axis=1), size[:, new].sum(axis=1)
    usable = (held >= LEAST_EVENTS) & (at_new > 0) & (at_old > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.log((came + 0.5) / at_new) - np.log((held + 0.5) / at_old)
        error = np.sqrt(_dispersion(hits[:, old], size[:, old]) * (1 / (came + 0.5) + 1 / (held + 0.5)))
    return change, error, usable


def _dispersion(hits: Floats, size: Floats) -> Floats:
    """Pearson's, of each topic's weeks around its rate; at least 1."""
    rate = hits.sum(axis=1, keepdims=True) / np.maximum(size.sum(axis=1, keepdims=True), 1e-9)
    mean = np.maximum(rate * size, 1e-9)
    found: Floats = ((hits - mean) ** 2 / mean).sum(axis=1) / max(hits.shape[1] - 1, 1)
    return np.asarray(np.maximum(found, 1.0), np.float64)


def _placebos(change: Floats) -> Floats:
    """Each topic's change minus the middle one of the others."""
    others = np.array([float(np.median(np.delete(change, row))) for row in range(len(change))])
    found: Floats = change - others
    return found


def _lacking(before: int, after: int, others: int, usable: bool) -> Lack:
    if before < WEEKS_BEFORE:
        return "weeks before"
    if after < WEEKS_AFTER:
        return "weeks after"
    if not usable:
        return "tickets"
    return "comparison topics" if others < COMPARISONS else ""
