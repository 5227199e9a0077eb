"""Stories that are whole and in order, told again with what came since."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from towpath.analytics.kernels.compiling import Bool, Int64, UInt16, kernel
from towpath.analytics.kernels.joining import LEFT_OUT


class Told(NamedTuple):
    """Events of whole entities, which ascend; `starts` points into `time`, `code` and `seq`. `seq` may be
    empty where no two events of an entity have one time."""

    entities: Int64
    starts: Int64
    time: Int64
    code: UInt16
    seq: Int64


class Room(NamedTuple):
    """What `tell` writes: room for all events of both, and for one start more than there are entities."""

    entities: Int64
    starts: Int64
    time: Int64
    code: UInt16
    tie: Bool
    rows: Int64
    """Where each event lies in the first, or behind it in the second."""


@kernel
def tell(settled: Told, since: Told, pulled: Int64, nobodys: Int64, out: Room) -> tuple[int, int, bool]:
    """Write both as one; returns events, entities, and whether times alone do not say between which events of
    an entity one that came since lies. `pulled` (ascending): entities whose settled events come among the
    others. `nobodys` (ascending): left out."""
    size, at, entities, mixed = settled.time.size, 0, 0, False
    one, other = 0, 0
    while one < settled.entities.size or other < since.entities.size:
        entity = _lesser(settled, since, one, other)
        i, end, one = _taken(settled, one, entity)
        j, last, other = _taken(since, other, entity)
        if _holds(pulled, entity):
            i = end
        if _holds(nobodys, entity):
            continue
        first, place, was_late = at, 0, False
        while i < end or j < last:
            if i < end and settled.code[i] == LEFT_OUT:
                i += 1
                continue
            is_late = i == end or (j < last and since.time[j] < settled.time[i])
            mixed |= i < end and j < last and since.time[j] == settled.time[i]
            if is_late:
                out.time[at], out.code[at], out.rows[at] = since.time[j], since.code[j], size + j
                seq = since.seq[j] if since.seq.size else 0
                j += 1
            else:
                out.time[at], out.code[at], out.rows[at] = settled.time[i], settled.code[i], i
                seq = settled.seq[i] if settled.seq.size else 0
                i += 1
            out.tie[at] = at > first and out.time[at] == out.time[at - 1] and seq == place
            mixed |= at > first and is_late != was_late and out.time[at] == out.time[at - 1]
            place, was_late = seq, is_late
            at += 1
        if at > first:
            out.entities[entities], out.starts[entities] = entity, first
            entities += 1
    out.starts[entities] = at
    return at, entities, mixed


@kernel
def _lesser(settled: Told, since: Told, one: int, other: int) -> int:
    """Whose turn it is: the lower of the next entities of both."""
    if one == settled.entities.size:
        return int(since.entities[other])
    if other == since.entities.size:
        return int(settled.entities[one])
    return int(min(settled.entities[one], since.entities[other]))


@kernel
def _taken(told: Told, place: int, entity: int) -> tuple[int, int, int]:
    """Where the events of an entity lie, if it is the next one (nowhere otherwise), and which is next now."""
    if place < told.entities.size and told.entities[place] == entity:
        return int(told.starts[place]), int(told.starts[place + 1]), place + 1
    return 0, 0, place


@kernel
def _holds(ascending: Int64, entity: int) -> bool:
    if ascending.size == 0:
        return False
    place = np.searchsorted(ascending, entity)
    return bool(place < ascending.size and ascending[place] == entity)
