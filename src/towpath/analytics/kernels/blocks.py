"""Whole entities, cut into blocks of similar size, one thread each."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np

from towpath.analytics.kernels.compiling import Int64, kernel, read_only

SMALLEST_BLOCK = 65_536
"""Events below which a thread costs more than it saves."""

Result = TypeVar("Result")
Item = TypeVar("Item")


_own = threading.local()
"""`one_of_many` is set in a thread whose neighbours keep the other processors busy."""


def in_threads(work: Callable[[Item], Result], items: list[Item]) -> list[Result]:
    """`work` of each item, in the order of `items`; the kernels inside run side by side.

    Within such work nothing is divided any further: all processors are at it already.
    """
    if len(items) < 2 or getattr(_own, "one_of_many", False):
        return [work(item) for item in items]
    with ThreadPoolExecutor(os.cpu_count() or 1, initializer=_join_many) as pool:
        return list(pool.map(work, items))


def _join_many() -> None:
    _own.one_of_many = True


def cuts(size: int) -> list[tuple[int, int]]:
    """Half-open ranges that cover 0..size: one for each free processor, fewer where they would be small."""
    free = 1 if getattr(_own, "one_of_many", False) else os.cpu_count() or 1
    count = max(1, min(free, size // SMALLEST_BLOCK))
    edges = [size * i // count for i in range(count + 1)]
    return list(pairwise(edges))


def blocks(starts: Int64) -> list[slice]:
    """Ranges of entities that hold about the same number of events; `starts` as of `entity_starts`."""
    edges = [int(np.searchsorted(starts, low)) for low, _ in cuts(int(starts[-1]))]
    edges.append(starts.size - 1)
    return [slice(low, high) for low, high in pairwise(edges) if low < high]


def entity_starts(entity: Int64) -> Int64:
    """Positions where a run of equal values begins, and n at the end: int64[entities + 1], read-only."""
    ranges = cuts(entity.size)
    counts = in_threads(lambda cut: _count_starts(entity, *cut), ranges)
    starts = np.empty(sum(counts) + 1, np.int64)
    starts[-1] = entity.size
    places = np.concatenate(([0], np.cumsum(counts)))[:-1]
    in_threads(
        lambda job: _fill_starts(entity, *job[0], starts[job[1] :]), list(zip(ranges, places, strict=True))
    )
    return read_only(starts, np.int64)


@kernel
def _count_starts(entity: Int64, low: int, high: int) -> int:
    count = 0
    for i in range(low, high):
        if i == 0 or entity[i] != entity[i - 1]:
            count += 1
    return count


@kernel
def _fill_starts(entity: Int64, low: int, high: int, out: Int64) -> None:
    place = 0
    for i in range(low, high):
        if i == 0 or entity[i] != entity[i - 1]:
            out[place] = i
            place += 1


@kernel
def first_disorder(starts: Int64, time: Int64) -> int:
    """Position of the first event earlier than the one before it of the same entity; -1 without."""
    for entity in range(starts.size - 1):
        for i in range(starts[entity] + 1, starts[entity + 1]):
            if time[i] < time[i - 1]:
                return i
    return -1
