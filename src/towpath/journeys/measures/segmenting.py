"""Segments: groups of entities by what they were at their entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics.segments import bin_numeric

MOST_SEGMENTS = 50
FEW_NUMBERS = 10
NOT_SAID = "(not said)"
OTHERS = "(others)"


@dataclass(frozen=True, eq=False)
class Segments:
    """`names` of the segments, largest first, and per entity the place of its own (int64[entities])."""

    names: tuple[str, ...]
    of: npt.NDArray[np.int64]


def segments_of(values: Sequence[pa.ChunkedArray], counted: npt.NDArray[np.bool_]) -> Segments:
    """Segments of all entities together. Numbers with many values are cut into groups of about equal size.

    `counted` bool[entities]: who counts for the size. Those beyond the largest `MOST_SEGMENTS` fall together.
    """
    joined = pa.chunked_array([chunk for part in values for chunk in part.chunks], values[0].type)
    named = _binned(joined).fill_null(NOT_SAID).combine_chunks().dictionary_encode()
    names = named.dictionary.to_pylist()
    codes = named.indices.to_numpy()
    size = np.bincount(codes[counted], minlength=len(names))
    order = sorted((place for place in range(len(names)) if size[place]), key=lambda p: (-size[p], names[p]))
    shown = order[:MOST_SEGMENTS]
    rank = np.full(len(names), len(shown), np.int64)
    rank[shown] = np.arange(len(shown))
    labels = [names[place] for place in shown]
    return Segments(tuple([*labels, OTHERS] if len(order) > len(shown) else labels), rank[codes])


def _binned(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """As text; numbers with more than `FEW_NUMBERS` different values by group."""
    try:
        numbers = values.cast(pa.float64())
    except pa.ArrowInvalid:
        return values
    if pc.count_distinct(numbers, mode="only_valid").as_py() <= FEW_NUMBERS:
        return values.cast(pa.string())
    bins = bin_numeric(numbers.to_numpy())
    labels = pa.array([*bins.names, None])
    return pa.chunked_array([labels.take(pa.array(np.where(bins.codes < 0, len(bins.names), bins.codes)))])
