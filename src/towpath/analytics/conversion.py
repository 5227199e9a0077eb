"""Conversion within a time: the Aalen-Johansen cumulative incidence with a competing event.

Entities that are still open are censored; those that finished otherwise (declined, cancelled) can no longer
convert and are a competing event. To count the open as lost, or to leave them out, is wrong by many points;
so is one minus Kaplan-Meier with the competing event censored.

With n_j at risk, d_j events of any kind and e_j of interest at the distinct durations t_j, and S the
Kaplan-Meier estimate of having no event: F(t) = sum over t_j <= t of S(t_j-) e_j / n_j. At equal durations
events come before censoring. Variance: the delta-method (Greenwood type) estimate, Marubini and Valsecchi
(1995), 10.2; it equals Greenwood's without a competing event, the binomial p (1 - p) / n without censoring,
and R survival's infinitesimal jackknife. Interval: complementary log-log, symmetric on the scale log(-log(1 -
F)).

Partials are counts per distinct duration: they add, and a late correction can be subtracted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from towpath.analytics.intervals import wilson
from towpath.analytics.normal import Z95

MIN_KNOWN = 10
"""Below this number of entities whose fate at the asked time is known there is too little data."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Durations:
    """The partial: `duration` int64[k], microseconds, distinct and ascending; `counts` int64[k, 3], the
    entities censored, with the event of interest, and with a competing event after exactly that long."""

    duration: Ints
    counts: Ints


@dataclass(frozen=True)
class Estimate:
    """A share with its 95 % interval; all three None where `reason` says why there is no number.

    `known`: entities whose fate at the asked time is known (an event by then, or followed for that long).
    "too few": fewer than `MIN_KNOWN` of those. "not followed long enough": the longest-followed entity
    without an event was followed for less than the asked time, so that nothing is known of what happens
    later.
    """

    estimate: float | None
    low: float | None
    high: float | None
    known: int
    reason: Literal["too few", "not followed long enough"] | None = None


@dataclass(frozen=True)
class Curve:
    """`times` int64[m], microseconds; `estimate`, `low`, `high` float64[m], constant from each time to the
    next."""

    times: Ints
    estimate: Floats
    low: Floats
    high: Floats


def cumulative_incidence(duration: npt.NDArray[np.int64], status: npt.NDArray[np.int8], at: int) -> Estimate:
    """Share with the event of interest within `at` microseconds; arguments as of `partial`, result of
    `finish`."""
    return finish(partial(duration, status), at)


def partial(duration: npt.NDArray[np.int64], status: npt.NDArray[np.int8]) -> Durations:
    """Counts of entities: `duration` int64[n], microseconds from entry to the event or to the last that is
    known of it; `status` int8[n], 0 censored, 1 event of interest, 2 competing event.

    Raises ValueError for other codes, negative durations (or above 2**61), and different lengths.
    """
    span, kind = np.asarray(duration, np.int64), np.asarray(status, np.int64)
    if span.ndim != 1 or span.shape != kind.shape:
        raise ValueError(f"Durations {span.shape} and status {kind.shape} must be lists of one length.")
    if len(span) and (span.min() < 0 or span.max() > 1 << 61):
        raise ValueError("A duration is between 0 and 2**61 microseconds.")
    if len(kind) and (kind.min() < 0 or kind.max() > 2):
        raise ValueError("A status is 0 (censored), 1 (event of interest) or 2 (competing event).")
    keys = np.sort(span * 4 + kind)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    return _added(keys[starts] >> 2, keys[starts] & 3, np.diff(np.append(starts, len(keys))))


def merge(partials: Sequence[Durations]) -> Durations:
    """The partial of all entities together, wherever they were counted."""
    kinds = np.tile(np.arange(3), sum(len(part.duration) for part in partials))
    durations = [np.zeros(0, np.int64), *(np.repeat(part.duration, 3) for part in partials)]
    counts = [np.zeros(0, np.int64), *(part.counts.ravel() for part in partials)]
    return _added(np.concatenate(durations), kinds, np.concatenate(counts))


def subtract(whole: Durations, part: Durations) -> Durations:
    """The partial without the entities of `part`. Raises ValueError if `whole` does not hold them all."""
    rest = merge([whole, Durations(part.duration, -part.counts)])
    if rest.counts.size and rest.counts.min() < 0:
        raise ValueError("The counts to be taken away are not all in the whole.")
    return rest


def finish(whole: Durations, at: int) -> Estimate:
    """Share with the event of interest within `at` microseconds of entry, by the rules of `Estimate`."""
    return finish_at(whole, (at,))[0]


def finish_at(whole: Durations, times: Sequence[int]) -> list[Estimate]:
    """The same at several times, which costs no more than at one."""
    points: dict[int, tuple[float, float, float]] = {}
    if len(whole.duration):
        found = curve(whole, np.array(sorted(times)))
        figures = zip(found.estimate.tolist(), found.low.tolist(), found.high.tolist(), strict=True)
        points = dict(zip(found.times.tolist(), figures, strict=True))
    return [_finished(whole, at, points.get(at)) for at in times]


def time_of(whole: Durations, share: float) -> int | None:
    """Microseconds within which that share had the event of interest; None where fewer ever did."""
    estimate, _variance = _incidence(whole)
    reached = np.flatnonzero(estimate >= share)
    return int(whole.duration[reached[0]]) if len(reached) else None


def _finished(whole: Durations, at: int, point: tuple[float, float, float] | None) -> Estimate:
    by_then = whole.duration <= at
    known = int(whole.counts[by_then, 1:].sum() + whole.counts[whole.duration >= at, 0].sum())
    known += int(whole.counts[whole.duration > at, 1:].sum())
    if known < MIN_KNOWN:
        return Estimate(None, None, None, known, "too few")
    if point is None:
        return Estimate(None, None, None, known, "not followed long enough")
    return Estimate(*point, known)


def curve(whole: Durations, times: Ints | None = None) -> Curve:
    """The curve at `times` (ascending microseconds; otherwise where it rises), up to the longest that any
    entity was followed. Beyond that nothing is known unless every entity had an event."""
    if times is None:
        times = whole.duration[whole.counts[:, 1] > 0]
    open_ended = len(whole.duration) > 0 and whole.counts[-1, 0] == 0
    last = whole.duration[-1] if len(whole.duration) else -1
    times = np.asarray(times, np.int64)
    times = times if open_ended else times[times <= last]
    estimate, variance = _incidence(whole)
    place = np.searchsorted(whole.duration, times, side="right")
    share = np.append(0.0, estimate)[place]
    low, high = _interval(share, np.append(0.0, variance)[place], _known(whole, times))
    return Curve(times, share, low, high)


def _added(duration: Ints, kind: Ints, count: Ints) -> Durations:
    distinct, place = np.unique(duration, return_inverse=True)
    counts = np.zeros((len(distinct), 3), np.int64)
    np.add.at(counts, (place, kind), count)
    kept = counts.any(axis=1)
    return Durations(distinct[kept], counts[kept])


def _known(whole: Durations, times: Ints) -> Floats:
    """Entities whose fate at each time is known: all but those censored before it."""
    censored = np.append(0, np.cumsum(whole.counts[:, 0]))
    lost_sight_of = censored[np.searchsorted(whole.duration, times, side="left")]
    known: Floats = (whole.counts.sum() - lost_sight_of).astype(np.float64)
    return known


def _incidence(whole: Durations) -> tuple[Floats, Floats]:
    """F and its variance just after each distinct duration (both float64[k]), as cumulative sums."""
    total = whole.counts.sum(axis=1)
    at_risk = (total.sum() - np.append(0, np.cumsum(total)[:-1])).astype(np.float64)
    wanted = whole.counts[:, 1].astype(np.float64)
    events = wanted + whole.counts[:, 2]
    staying = np.cumprod(1 - events / at_risk)
    before = np.append(1.0, staying[:-1])
    share = np.cumsum(before * wanted / at_risk)
    # Where the last at risk have their event, F cannot change any more and the term is multiplied by zero.
    gone = events == at_risk
    hazard = np.where(gone, 0.0, events / (at_risk * np.where(gone, 1.0, at_risk - events)))
    jump = before**2 * wanted * (at_risk - wanted) / at_risk**3
    both = before * wanted / at_risk**2
    # Sum over t_j <= t of (F(t) - F_j)^2 hazard_j + jump_j - 2 (F(t) - F_j) both_j, in powers of F(t).
    square = (
        share**2 * np.cumsum(hazard) - 2 * share * np.cumsum(share * hazard) + np.cumsum(share**2 * hazard)
    )
    variance = square + np.cumsum(jump) - 2 * (share * np.cumsum(both) - np.cumsum(share * both))
    return np.minimum(share, 1.0), np.maximum(variance, 0.0)


def _interval(share: Floats, variance: Floats, known: Floats) -> tuple[Floats, Floats]:
    """95 %, complementary log-log; where nobody or everybody converted that scale has no place for the
    estimate and Wilson's interval of the entities with known fate stands in."""
    everybody = share >= 1 - 1e-12
    inside = (share > 0) & ~everybody & (variance > 0)
    p = np.where(inside, share, 0.5)
    width = Z95 * np.sqrt(variance) / ((p - 1) * np.log1p(-p))
    low, high = (-np.expm1(np.log1p(-p) * np.exp(side * width)) for side in (-1, 1))
    edge = wilson(np.where(everybody, known, 0.0), known)
    return np.where(inside, low, edge.low), np.where(inside, high, edge.high)
