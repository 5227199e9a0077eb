"""What is asked of a measure: which entries, in which mode, within which time, compared by what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics.segments import bin_numeric
from towpath.journeys.measures.evidence import Batch, Evidence, microseconds_of

Mode = Literal["ordered", "strict", "any", "first-touch"]
RETURNING = "returning"
SEGMENT_COLUMNS = (
    "channel", "service", "component", "environment", "version", "team", "tier", "source", "currency",
    "value",
    RETURNING,
)  # fmt: skip
MOST_SEGMENTS = 50
FEW_NUMBERS = 10
NOT_SAID = "(not said)"
OTHERS = "(others)"


@dataclass(frozen=True)
class Selection:
    """`entered_from` (inclusive) and `entered_to` (exclusive) choose entities by their latest entry.

    `window_us`: instead of the journey's own. `by`: one of `SEGMENT_COLUMNS` or data.NAME, as it stood at
    the entry.
    """

    mode: Mode = "ordered"
    window_us: int | None = None
    entered_from: datetime | None = None
    entered_to: datetime | None = None
    by: str = ""

    def __post_init__(self) -> None:
        attribute = self.by.startswith("data.") and len(self.by) > len("data.")
        if self.by and not attribute and self.by not in SEGMENT_COLUMNS:
            raise ValueError(f"Compare by {', '.join(SEGMENT_COLUMNS)} or data.NAME, not by {self.by!r}.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The event columns that it needs."""
        if not self.by or self.by == RETURNING:
            return ()
        return ("data",) if self.by.startswith("data.") else (self.by,)


@dataclass(frozen=True, eq=False)
class Selected:
    """A batch of the chosen entities. `values`: per entity its segment, null where it has none or none was
    asked."""

    batch: Batch
    values: pa.ChunkedArray


def selected(evidence: Evidence, selection: Selection, columns: Sequence[str] = ()) -> Iterator[Selected]:
    """The evidence's batches, narrowed to the entities that the selection chooses."""
    steps = evidence.plan.steps
    for batch in evidence.batches([*columns, *selection.columns]):
        entry, again = batch.entries(steps)
        chosen = _in_range(batch, entry, selection)
        kept = batch.kept(chosen)
        entry, again = kept.entries(steps) if kept is not batch else (entry, again)
        yield Selected(kept, _values(kept, entry, again, selection.by))


def _in_range(batch: Batch, entry: npt.NDArray[np.int64], selection: Selection) -> npt.NDArray[np.bool_]:
    chosen = np.ones(len(entry), np.bool_)
    if selection.entered_from is None and selection.entered_to is None:
        return chosen
    chosen = entry >= 0
    at = batch.sequences.time[np.maximum(entry, 0)] if len(batch.sequences.time) else entry
    if selection.entered_from is not None:
        chosen &= at >= microseconds_of(selection.entered_from)
    if selection.entered_to is not None:
        chosen &= at < microseconds_of(selection.entered_to)
    return chosen


def _values(
    batch: Batch, entry: npt.NDArray[np.int64], again: npt.NDArray[np.bool_], by: str
) -> pa.ChunkedArray:
    """Text or numbers per entity."""
    if not by:
        return pa.chunked_array([pa.nulls(len(entry), pa.string())])
    if by == RETURNING:
        words = pa.array(["new", "returning"]).take(pa.array(again.astype(np.int8)))
        return pa.chunked_array([pc.if_else(pa.array(entry >= 0), words, pa.scalar(None, pa.string()))])
    there = np.flatnonzero(entry >= 0)
    found = batch.values_at(entry[there], by)
    place = np.full(len(entry), len(found), np.int64)
    place[there] = np.arange(len(there))
    if pa.types.is_dictionary(found.type):
        found = found.cast(pa.string())
    return pa.chunked_array([*found.chunks, pa.nulls(1, found.type)]).take(pa.array(place))


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
