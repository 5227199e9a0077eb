"""Exact quantiles of durations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from towpath.analytics.kernels.compiling import Int64
from towpath.analytics.kernels.selection import at_ranks

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Given out unless asked for others."""

SECOND_US = 1_000_000


@dataclass(frozen=True)
class Durations:
    """Distribution of some durations, in seconds; None where there are none."""

    count: int
    median_seconds: float | None
    quantiles: tuple[tuple[float, float], ...]
    """(share, seconds), linear between the two nearest durations (Hyndman and Fan's type 7)."""


def durations(values: Int64 | Sequence[Int64], shares: Sequence[float] = QUANTILES) -> Durations:
    """Distribution of int64 microseconds, in one array or in several; leaves `values` as they are."""
    size = values.size if isinstance(values, np.ndarray) else sum(piece.size for piece in values)
    if not size:
        return Durations(0, None, ())
    return of_ranks(size, at_ranks(values, ranks_of(size, shares)), shares)


def ranks_of(size: int, shares: Sequence[float]) -> list[int]:
    """Ranks (from 0) of so many durations, at least one, that tell these quantiles and the median."""
    places = _places(size, shares)
    return sorted({rank for place in places for rank in (int(place), min(int(place) + 1, size - 1))})


def of_ranks(size: int, at: Mapping[int, int], shares: Sequence[float]) -> Durations:
    """The distribution, from the microseconds at `ranks_of` these shares."""
    seconds = []
    for place in _places(size, shares):
        low, high = at[int(place)], at[min(int(place) + 1, size - 1)]
        seconds.append((low + (high - low) * (place - int(place))) / SECOND_US)
    return Durations(size, seconds[-1], tuple(zip(shares, seconds[:-1], strict=True)))


def _places(size: int, shares: Sequence[float]) -> list[float]:
    return [share * (size - 1) for share in (*shares, 0.5)]
