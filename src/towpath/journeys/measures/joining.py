"""The events of whole customers, from the files of the body and from what came since, in the order of events.

Files are sorted already, so nothing is sorted anew but the stories of those who have loose rows (of the tail,
or moved from another key). Columns that only order, or tell ties, are read where there is something to tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.analytics.kernels.joining import LEFT_OUT, Log, Runs, join, recode
from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake import Unit
from towpath.events.lake.reading import PLACE, Slice, Wanted, rows_of_keys
from towpath.journeys.measures.codes import Codes, codes_of_rows, columns_for, text_columns
from towpath.journeys.measures.plan import Plan

Int64 = npt.NDArray[np.int64]
UInt16 = npt.NDArray[np.uint16]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Joined:
    """Events of a unit by key and in order, each entity's from its place in `starts`. `columns`: those asked
    for, row by row."""

    entities: Int64
    time: Int64
    code: UInt16
    masks: npt.NDArray[np.uint64]
    tie: Bool
    starts: Int64
    columns: pa.Table


@dataclass(frozen=True, eq=False)
class _Held:
    """A unit's rows as they were read: the body's file by file, and those that came since."""

    unit: Unit
    plan: Plan
    codes: Mapping[str, Codes]
    columns: tuple[str, ...]
    slices: Sequence[Slice]
    loose: pa.Table | None

    @cached_property
    def places(self) -> Sequence[Slice]:
        """Key and seq of the same rows of the body: read only where events have one time."""
        return self.unit.slices(["key", "seq"])

    def within(self, low: int, high: int) -> _Held:
        """The part between two keys (inclusive)."""
        loose = self.loose if self.loose is None else _between(self.loose, low, high)[1]
        slices = [_cut(each, low, high) for each in self.slices]
        part = replace(
            self,
            unit=replace(self.unit, low=low, high=high),
            slices=[each for each in slices if len(each.table)],
            loose=loose if loose is not None and len(loose) else None,
        )
        if "places" in self.__dict__:
            part.__dict__["places"] = [_cut(each, low, high) for each in self.places]
        return part


@dataclass(frozen=True, eq=False)
class _Gathered:
    """Numbers of all rows side by side, and codes that mean the same in all files."""

    held: _Held
    runs: Runs
    masks: npt.NDArray[np.uint64]
    nobodys: Int64
    rows: Int64 | None = None
    """Where the rows of the runs lie in slices and loose; None = as they follow one another."""


def joined(
    unit: Unit, plan: Plan, codes: Mapping[str, Codes], columns: Sequence[str], most: int | None = None
) -> Iterator[Joined]:
    """All events of the unit that concern the plan; those that name nobody are left out where it follows
    customers. `most`: about how many at a time; one at least."""
    names = list(dict.fromkeys(["key", "time", *columns]))
    slices = unit.slices(names, text_columns(columns))
    held = _Held(
        unit,
        plan,
        codes,
        tuple(columns),
        slices,
        loose_rows(unit, plan, columns),
    )
    rows = sum(len(each.table) for each in slices) + (0 if held.loose is None else len(held.loose))
    parts = 1 if most is None else max(1, -(-rows // most))
    if parts == 1:
        yield _part(held)
        return
    edges = [unit.low + (unit.high + 1 - unit.low) * part // parts for part in range(parts + 1)]
    for low, high in pairwise(edges):
        yield _part(held.within(low, high - 1))


def _part(held: _Held) -> Joined:
    gathered = _gathered(held)
    if held.loose is not None:
        merged = _with_loose(gathered, held.loose)
        if merged is None:
            return _exactly(gathered)
        gathered = merged
    return _joined(gathered)


def _cut(whole: Slice, low: int, high: int) -> Slice:
    before, table = _between(whole.table, low, high)
    return Slice(whole.file, whole.first + before, table)


def _between(table: pa.Table, low: int, high: int) -> tuple[int, pa.Table]:
    """Rows (sorted by key) with a key between both (inclusive), and how many lie before them."""
    first = last = 0
    for chunk in table["key"].chunks:
        keys = chunk.to_numpy()
        first += int(np.searchsorted(keys, low, "left"))
        last += int(np.searchsorted(keys, high, "right"))
    return first, table.slice(first, last - first)


def loose_rows(unit: Unit, plan: Plan, columns: Sequence[str]) -> pa.Table | None:
    """What does not lie in the body under its key, with what recognises and orders it; None without any."""
    if len(unit.body) == len(unit.files) and not unit.moves:
        return None
    names = list(dict.fromkeys(["key", "time", "seq", *columns_for(plan), *columns]))
    return unit.loose(names, sources=plan.sources or None, encoded=text_columns(names))


def _gathered(held: _Held) -> _Gathered:
    plan, slices, codes, loose = held.plan, held.slices, held.codes, held.loose
    parts = [codes[each.file.path] for each in slices]
    cut = [each.codes[s.first : s.first + len(s.table)] for each, s in zip(parts, slices, strict=True)]
    if loose is not None:
        parts.append(codes_of_rows(loose, plan, concerned=True))
        cut.append(parts[-1].codes)
    tables = [each.table for each in slices] + ([] if loose is None else [loose])
    masks = np.unique(np.concatenate([np.empty(0, np.uint64), *(part.masks for part in parts)]))
    if len(masks) > LEFT_OUT:
        raise ValueError(f"{len(masks)} different sets of rules hold together; at most 65,535 can be told.")
    bounds = np.cumsum([0, *map(len, tables)])
    code = np.empty(bounds[-1], np.uint16)
    for part, own, (first, last) in zip(parts, cut, pairwise(bounds), strict=True):
        meaning = np.append(np.searchsorted(masks, part.masks), LEFT_OUT).astype(np.uint16)
        recode(own, meaning, code[first:last])
    key = numbers_of(tables, "key")
    time = numbers_of(tables, "time")
    runs = Runs(bounds, key, time, code)
    nobodys = [part.nobodys for part in parts] if plan.follows == "customer" else []
    return _Gathered(held, runs, masks, np.unique(np.concatenate([np.empty(0, np.int64), *nobodys])))


def numbers_of(tables: Sequence[pa.Table], name: str) -> Int64:
    """A column of 64-bit numbers of all tables, chunk by chunk into one array."""
    found = np.empty(sum(map(len, tables)), np.int64)
    place = 0
    for chunk in (chunk for table in tables for chunk in table[name].chunks):
        found[place : place + len(chunk)] = chunk.view(pa.int64()).to_numpy()
        place += len(chunk)
    return found


def _with_loose(found: _Gathered, loose: pa.Table) -> _Gathered | None:
    """The loose rows as a run in which the body's rows of the same keys lie between them; None where times
    alone do not say between which."""
    runs, moves = found.runs, found.held.unit.moves
    first = len(runs.time) - len(loose)
    code = runs.code.copy()
    affected = np.unique(runs.entity[first:])
    mixed = [np.empty(0, np.int64)]
    for low, high in zip(runs.bounds[:-2], runs.bounds[1:-1], strict=True):
        keys = runs.entity[low:high]
        if moves:
            code[low:high][rows_of_keys(keys, moves.pulled)] = LEFT_OUT
        mixed.append(low + np.flatnonzero(rows_of_keys(keys, affected)))
    settled = np.concatenate(mixed)
    settled = settled[code[settled] != LEFT_OUT]
    rows = np.concatenate([settled, np.arange(first, len(runs.time))])
    order = np.lexsort((runs.time[rows], runs.entity[rows]))
    rows, is_loose = rows[order], order >= len(settled)
    entity, time = runs.entity[rows], runs.time[rows]
    same = (entity[1:] == entity[:-1]) & (time[1:] == time[:-1])
    if (same & (is_loose[1:] != is_loose[:-1])).any():
        return None
    together = Runs(
        np.append(runs.bounds[:-1], first + len(rows)),
        np.concatenate([runs.entity[:first], entity]),
        np.concatenate([runs.time[:first], time]),
        np.concatenate([code[:first], code[rows]]),
    )
    return replace(found, runs=together, rows=np.concatenate([np.arange(first), rows]))


def _written(found: _Gathered, rows: bool) -> tuple[Log, int]:
    """The log, and how many neighbours in it have one time. Raises ValueError for files out of order."""
    size, runs = len(found.runs.time), found.runs
    room = Log(
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.uint16),
        np.empty(size + 1, np.int64),
        np.empty(size if rows else 0, np.int64),
    )
    events, entities, equal, torn = join(runs, found.nobodys, found.rows is not None, room)
    if torn >= 0:
        raise ValueError(f"Events of key {int(room.entity[torn])} lie out of order in the lake; run a check.")
    log = Log(
        room.entity[:events], room.time[:events], room.code[:events], room.starts[: entities + 1],
        room.rows[:events],
    )  # fmt: skip
    return log, equal


def _joined(found: _Gathered) -> Joined:
    held = found.held
    log, equal = _written(found, rows=bool(held.columns))
    if equal and not held.columns:
        log, equal = _written(found, rows=True)
    rows = log.rows if found.rows is None else found.rows[log.rows]
    tie = np.zeros(len(log.time), np.bool_)
    if equal:
        tie[1:] = (log.entity[1:] == log.entity[:-1]) & (log.time[1:] == log.time[:-1])
        at, loose = np.flatnonzero(tie), [] if held.loose is None else [held.loose]
        seq = numbers_of([each.table for each in held.places] + loose, "seq")
        tie[at] = seq[rows[at]] == seq[rows[at - 1]]
    return Joined(
        log.entity[log.starts[:-1]], log.time, log.code, found.masks, tie, log.starts, _taken(held, rows)
    )


def _taken(held: _Held, rows: Int64) -> pa.Table:
    columns = list(held.columns)
    if not len(rows) or not columns:
        empty = Wanted(tuple(columns), encoded=text_columns(columns))
        return empty.typed(EVENT_SCHEMA.empty_table(), columns)
    tables = [each.table.select(columns) for each in held.slices]
    if held.loose is not None:
        tables.append(held.loose.select(columns))
    whole = pa.concat_tables(tables).unify_dictionaries()
    return pa.table([at_rows(whole.column(name), rows) for name in columns], names=columns)


def at_rows(column: pa.ChunkedArray, rows: Int64) -> pa.Array:
    """Its values there; a text column's chunks may have a dictionary each."""
    column = column.unify_dictionaries()
    if not pa.types.is_dictionary(column.type) or not column.num_chunks:
        return column.combine_chunks().take(pa.array(rows))
    # Arrow takes from chunks row by row; the places in the one dictionary are an array like any other.
    places = np.concatenate([chunk.indices.fill_null(-1).to_numpy() for chunk in column.chunks])[rows]
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=places < 0), column.chunk(0).dictionary)


def _exactly(found: _Gathered) -> Joined:
    """By all that orders events: where a loose row has the time of another of its customer."""
    unit, plan, columns = found.held.unit, found.held.plan, list(found.held.columns)
    names = dict.fromkeys(["key", "time", "seq", PLACE, *columns])
    table = unit.read(list(names), sources=plan.sources or None, encoded=text_columns(columns))
    last = found.runs.bounds[-2]
    all_runs = found.runs
    body = Runs(all_runs.bounds[:-1], all_runs.entity[:last], all_runs.time[:last], all_runs.code[:last])
    nobody = np.empty(0, np.int64)
    settled, _equal = _written(replace(found, runs=body, nobodys=nobody), rows=False)
    code = np.concatenate([settled.code, found.runs.code[last:]])[np.asarray(table[PLACE])]
    key = np.asarray(table["key"])
    if len(found.nobodys):
        kept = ~np.isin(key, found.nobodys)
        table, code, key = table.filter(pa.array(kept)), code[kept], key[kept]
    time, seq = numbers_of([table], "time"), numbers_of([table], "seq")
    tie = np.zeros(len(key), np.bool_)
    tie[1:] = (key[1:] == key[:-1]) & (time[1:] == time[:-1]) & (seq[1:] == seq[:-1])
    starts = np.append(np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)]), len(key))
    return Joined(key[starts[:-1]], time, code, found.masks, tie, starts, table.select(list(columns)))
