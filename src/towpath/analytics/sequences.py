# ruff: noqa: PLR0917 (columns side by side)
"""The input of every sequence analysis: events of whole entities, in order, with what each one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.analytics.kernels.blocks import entity_starts, first_disorder
from towpath.analytics.kernels.compiling import Bool, Int8, Int64, UInt16, UInt64, read_only

NONE = -1
"""No time, no activity, no position: in every array that the analyses give out.

An event in the last microsecond of 1969 is therefore taken for none by the analyses that give out its time.
"""

MOST_ACTIVITIES = 64


@dataclass(frozen=True, eq=False)
class Sequences:
    """Events of whole entities (customers or cases), entity after entity.

    Each entity's events lie in the order (time, seq, source, id). Arrays are read-only views. `from_table`
    checks adjacency and order; the constructor checks only lengths, codes and masks, and trusts the rest.
    """

    entity: Int64
    """int64[n]: equal values are adjacent, not necessarily ascending."""
    time: Int64
    """int64[n], UTC microseconds."""
    code: UInt16
    """uint16[n], index into masks."""
    masks: UInt64
    """uint64[codes]: bit i set = the event is activity i; 0 = unrecognised."""
    tie: Bool | None
    """bool[n]: True where order against the event before rests on a tie (equal time and equal seq)."""
    activities: tuple[str, ...]
    """Name of bit i, at most 64."""

    def __post_init__(self) -> None:
        for name, dtype in (("entity", "i8"), ("time", "i8"), ("code", "u2"), ("masks", "u8")):
            object.__setattr__(self, name, read_only(getattr(self, name), dtype))
        if self.tie is not None:
            object.__setattr__(self, "tie", read_only(self.tie, np.bool_))
        _check_lengths(self)
        _check_masks(self)

    @classmethod
    def from_table(
        cls, table: pa.Table, masks: npt.ArrayLike | Sequence[int], activities: Sequence[str]
    ) -> Sequences:
        """Read columns entity (int64), time (timestamp[us, UTC] or int64 microseconds) and code (uint16).

        Ties come from the column `tie` (bool), else from `seq` (int64) where there is one, else they are not
        known. Raises ValueError for a missing column, another type, nulls, a code without mask, entities
        whose events are not adjacent, and events out of order.
        """
        entity = _column(table, "entity", (pa.int64(),))
        time = _column(table, "time", (pa.timestamp("us", tz="UTC"), pa.int64()))
        code = _column(table, "code", (pa.uint16(),))
        sequences = cls(
            entity=entity,
            time=time.view(np.int64),
            code=code,
            masks=np.asarray(masks, dtype=np.uint64),
            tie=_ties(table, entity, time),
            activities=tuple(activities),
        )
        _check_order(sequences)
        return sequences

    @classmethod
    def of_stories(
        cls,
        entities: Int64,
        starts: Int64,
        time: Int64,
        code: UInt16,
        masks: UInt64,
        tie: Bool | None,
        activities: tuple[str, ...],
    ) -> Sequences:
        """Of entities whose places are known (int64[entities + 1]); `entity` is written out when it is asked
        for."""
        found = cls.__new__(cls)
        found.__dict__.update(
            entities=read_only(entities, np.int64),
            starts=read_only(starts, np.int64),
            time=read_only(time, np.int64),
            code=read_only(code, np.uint16),
            masks=read_only(masks, np.uint64),
            tie=None if tie is None else read_only(tie, np.bool_),
            activities=activities,
        )
        _check_lengths(found)
        _check_masks(found)
        return found

    def __getattr__(self, name: str) -> Any:
        # What `of_stories` left for later: the kernels never ask for it.
        if name != "entity":
            raise AttributeError(name)
        self.__dict__["entity"] = read_only(np.repeat(self.entities, np.diff(self.starts)), np.int64)
        return self.__dict__["entity"]

    def starting_at(self, starts: Int64) -> Sequences:
        """The same, whose `starts` are known already."""
        self.__dict__["starts"] = read_only(starts, np.int64)
        return self

    @cached_property
    def starts(self) -> Int64:
        """int64[entities + 1]: position of each entity's first event, then n."""
        return entity_starts(self.entity)

    @cached_property
    def entities(self) -> Int64:
        """int64[entities]: each entity once, in the order of its events here."""
        return read_only(self.entity[self.starts[:-1]], np.int64)

    def lowest_bit(self, of: int = (1 << MOST_ACTIVITIES) - 1) -> Int8:
        """int8[codes]: the activity that names an event: its lowest set bit within the mask `of`, else -1."""
        masks = [int(mask) & of for mask in self.masks]
        return read_only([(mask & -mask).bit_length() - 1 for mask in masks], np.int8)


def _column(table: pa.Table, name: str, types: tuple[pa.DataType, ...]) -> npt.NDArray[Any]:
    if name not in table.column_names:
        raise ValueError(f"The event table has no column {name!r}; it has {', '.join(table.column_names)}.")
    column = table.column(name)
    if column.type not in types:
        wanted = " or ".join(str(type_) for type_ in types)
        raise ValueError(f"Column {name!r} is {column.type}, it must be {wanted}: cast it first.")
    if column.null_count:
        raise ValueError(f"Column {name!r} holds {column.null_count} nulls: fill or leave out those events.")
    return np.asarray(column.to_numpy())


def _ties(table: pa.Table, entity: npt.NDArray[Any], time: npt.NDArray[Any]) -> Bool | None:
    if "tie" in table.column_names:
        return _column(table, "tie", (pa.bool_(),))
    if "seq" not in table.column_names:
        return None
    tie = np.zeros(entity.size, np.bool_)
    seq = _column(table, "seq", (pa.int64(),))
    tie[1:] = (entity[1:] == entity[:-1]) & (time[1:] == time[:-1]) & (seq[1:] == seq[:-1])
    return tie


def _check_lengths(sequences: Sequences) -> None:
    # Entities that are written out later only (`of_stories`) are as many as there are times.
    size = sequences.__dict__.get("entity", sequences.time).size
    for name in ("entity", "time", "code", "tie"):
        values = sequences.__dict__.get(name)
        if values is not None and values.shape != (size,):
            raise ValueError(f"{name!r} has shape {values.shape}, it must be ({size},) as 'entity' has.")


def _check_masks(sequences: Sequences) -> None:
    named = len(sequences.activities)
    if named > MOST_ACTIVITIES:
        raise ValueError(f"{named} activities were named, there can be at most {MOST_ACTIVITIES}.")
    if sequences.masks.ndim != 1:
        raise ValueError(f"'masks' has shape {sequences.masks.shape}, it must have one dimension.")
    highest = max((int(mask).bit_length() for mask in sequences.masks), default=0)
    if highest > named:
        raise ValueError(f"A mask sets bit {highest - 1}, but only {named} activities were named.")
    if sequences.code.size and int(sequences.code.max()) >= sequences.masks.size:
        raise ValueError(f"Code {int(sequences.code.max())} has no mask: there are {sequences.masks.size}.")


def _check_order(sequences: Sequences) -> None:
    entities = sequences.entities
    if not bool(np.all(entities[1:] > entities[:-1])):
        ascending = np.sort(entities)
        torn = ascending[1:][ascending[1:] == ascending[:-1]]
        if torn.size:
            raise ValueError(
                f"Events of entity {int(torn[0])} lie in more than one place: sort the table by entity first."
            )
    place = first_disorder(sequences.starts, sequences.time)
    if place >= 0:
        raise ValueError(
            f"Event {place} of entity {int(sequences.entity[place])} is earlier than the event before it: "
            "sort each entity's events by (time, seq, source, id)."
        )
