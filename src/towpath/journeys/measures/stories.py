"""Whole stories, kept: the events of a range of keys as the body's files join, read and put in order once.

`home/stories/<range of keys>/<digest of the files' names>/`: plain arrays, which are mapped into memory
rather than read. What a plan sees in the events lies beside them by the plan's digest, other columns by their
name once a measure asks for them. Files of the body never change under their name; when others take their
place, the next who asks makes the stories anew and removes the old ones. Removing any of it is harmless.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import xxhash

from towpath.analytics.kernels.joining import LEFT_OUT, Log, Runs, join, recode
from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import EventFile, Unit
from towpath.foundation.operations.drafts import ENDING, draft_of
from towpath.foundation.operations.home import home
from towpath.journeys.measures.codes import Codes
from towpath.journeys.measures.plan import Plan

KEPT_FROM = 200_000
"""Events of a range from which on its stories are kept; fewer are read and joined as fast."""
FEW_VALUES = (
    "type", "outcome", "channel", "service", "component", "environment", "version", "team", "tier", "source",
    "currency",
)  # fmt: skip
"""Text columns in which values repeat: kept by dictionary."""
NUMBERS = ("latency_ms", "value", "seq")
KEPT_COLUMNS = frozenset((*FEW_VALUES, *NUMBERS))
_FORMAT = 1
_DIMENSIONS = ("entities", "starts", "time", "rows", "doubted", "seq")

Int64 = npt.NDArray[np.int64]
UInt16 = npt.NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Stories:
    """The body's events of one unit by entity and in order, those that name nobody left out.

    `starts` int64[entities + 1]; `rows` int32[events]: where each lies among the rows of the unit's slices,
    one after the other. `doubted`: events that have the time of a neighbour, and their `seq`.
    """

    unit: Unit
    folder: Path
    entities: Int64
    starts: Int64
    time: Int64
    rows: npt.NDArray[np.int32]
    doubted: Int64
    seq: Int64

    def seen(self, plan: Plan, codes: Mapping[str, Codes]) -> tuple[UInt16, npt.NDArray[np.uint64]]:
        """The code of each event, LEFT_OUT for those that do not concern the plan, and the codes' masks."""
        name = plan.digest()
        with contextlib.suppress(OSError, ValueError, EOFError):
            masks, code = _mapped(self.folder / f"{name}.masks.npy"), _mapped(self.folder / f"{name}.npy")
            if len(code) == len(self.time):
                return code, masks
        masks, code = self._recognised(codes)
        _put(self.folder / f"{name}.masks.npy", masks)
        _put(self.folder / f"{name}.npy", code)
        return code, masks

    def column(self, name: str) -> pa.Array:
        """One of KEPT_COLUMNS, event by event; texts by dictionary."""
        kept = self.folder / f"{name}.arrow"
        with contextlib.suppress(OSError, pa.ArrowInvalid, IndexError):
            with pa.memory_map(str(kept)) as source:
                column = pa.ipc.open_file(source).read_all().column(0)
            if len(column) == len(self.time):
                return column.chunk(0)
        column = self._taken(name)
        batch = pa.record_batch([column], [name])
        with (
            contextlib.suppress(OSError),
            draft_of(kept) as draft,
            pa.ipc.new_file(str(draft), batch.schema) as sink,
        ):
            sink.write_batch(batch)
        return column

    def _recognised(self, codes: Mapping[str, Codes]) -> tuple[npt.NDArray[np.uint64], UInt16]:
        slices = self.unit.slices(["key"])
        parts = [codes[each.file.path] for each in slices]
        masks = np.unique(np.concatenate([np.empty(0, np.uint64), *(part.masks for part in parts)]))
        bounds = np.cumsum([0, *(len(each.table) for each in slices)])
        code = np.empty(bounds[-1], np.uint16)
        for part, each, (first, last) in zip(parts, slices, pairwise(bounds), strict=True):
            meaning = np.append(np.searchsorted(masks, part.masks), LEFT_OUT).astype(np.uint16)
            recode(part.codes[each.first : each.first + len(each.table)], meaning, code[first:last])
        return masks, code[self.rows]

    def _taken(self, name: str) -> pa.Array:
        texts = (name,) if name in FEW_VALUES else ()
        tables = [each.table.select([name]) for each in self.unit.slices(["key", name], texts)]
        empty = EVENT_SCHEMA.empty_table().select([name])
        column = (pa.concat_tables(tables).unify_dictionaries() if tables else empty).column(0)
        if not pa.types.is_dictionary(column.type):
            return column.combine_chunks().take(pa.array(self.rows))
        values = column.chunk(0).dictionary
        small = np.int8 if len(values) < 1 << 7 else np.int32
        places = np.concatenate(
            [chunk.indices.fill_null(-1).to_numpy().astype(small) for chunk in column.chunks]
        )
        places = places[self.rows]
        return pa.DictionaryArray.from_arrays(pa.array(places, mask=places < 0), values)


def stories_of(unit: Unit, codes: Mapping[str, Codes]) -> Stories:
    """Those that are kept, else made now. Raises ValueError for files out of order."""
    files = [file for file in unit.body if _overlaps(file, unit)]
    name = xxhash.xxh3_128_hexdigest("\n".join([str(_FORMAT), *(file.path for file in files)]).encode())
    ranged = home().root / "stories" / f"{unit.low:x}.{unit.high:x}"
    folder = ranged / name
    with contextlib.suppress(OSError, ValueError, EOFError):
        kept = [_mapped(folder / f"{each}.npy") for each in _DIMENSIONS]
        return Stories(unit.settled(), folder, *kept)
    nobodys = np.unique(np.concatenate([np.empty(0, np.int64), *(codes[f.path].nobodys for f in files)]))
    made = _joined(unit.settled(), nobodys)
    with contextlib.suppress(OSError), draft_of(folder) as draft:
        draft.mkdir(mode=0o700, parents=True)
        for each, values in zip(_DIMENSIONS, made, strict=True):
            np.save(draft / f"{each}.npy", values)
    for old in ranged.glob("*"):
        if old != folder and old.suffix != ENDING:
            shutil.rmtree(old, ignore_errors=True)
    return Stories(unit.settled(), folder, *made)


def _overlaps(file: EventFile, unit: Unit) -> bool:
    first, last = file.key_range()
    return first <= unit.high and last >= unit.low


def _joined(unit: Unit, nobodys: Int64) -> Sequence[npt.NDArray[Any]]:
    """The arrays of `_DIMENSIONS`."""
    tables = [each.table for each in unit.slices(["key", "time", "seq"])]
    bounds = np.cumsum([0, *map(len, tables)])
    size = int(bounds[-1])
    numbers = [np.empty(size + more, np.int64) for more in (0, 0, 1, 0)]
    room = Log(numbers[0], numbers[1], np.empty(size, np.uint16), numbers[2], numbers[3])
    columns = [np.concatenate([np.empty(0, np.int64), *_chunks(tables, name)]) for name in ("key", "time")]
    runs = Runs(bounds, columns[0], columns[1], np.zeros(size, np.uint16))
    events, entities, equal, torn = join(runs, nobodys, False, room)
    if torn >= 0:
        raise ValueError(f"Events of key {int(room.entity[torn])} lie out of order in the lake; run a check.")
    entity, when, rows = room.entity[:events], room.time[:events], room.rows[:events]
    starts, doubted, seq = room.starts[: entities + 1].copy(), np.empty(0, np.int64), np.empty(0, np.int64)
    if equal:
        same = np.zeros(events + 1, np.bool_)
        same[1:-1] = (entity[1:] == entity[:-1]) & (when[1:] == when[:-1])
        doubted = np.flatnonzero(same[1:] | same[:-1])
        seq = np.concatenate(list(_chunks(tables, "seq")))[rows[doubted]]
    return entity[starts[:-1]], starts, when, rows.astype(np.int32), doubted, seq


def _chunks(tables: Sequence[pa.Table], name: str) -> list[Int64]:
    return [chunk.view(pa.int64()).to_numpy() for table in tables for chunk in table[name].chunks]


def _mapped(path: Path) -> npt.NDArray[Any]:
    """An array as it lies on disk; empty ones cannot be mapped."""
    found: npt.NDArray[Any] = np.load(path, mmap_mode="r")
    return found.view(np.ndarray)


def _put(path: Path, values: npt.NDArray[Any]) -> None:
    """Whole or not at all; a full disk costs time, not the answer."""
    with contextlib.suppress(OSError), draft_of(path) as draft, draft.open("wb") as file:
        np.save(file, values)
