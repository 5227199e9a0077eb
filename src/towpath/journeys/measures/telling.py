"""Batches of whole customers from kept stories, with what came since put in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.analytics.kernels.compiling import read_only
from towpath.analytics.kernels.joining import LEFT_OUT
from towpath.analytics.kernels.telling import Room, Told, tell
from towpath.events.lake import Unit
from towpath.journeys.measures.codes import Codes, codes_of_rows
from towpath.journeys.measures.joining import Joined, at_rows, joined, loose_rows, numbers_of
from towpath.journeys.measures.plan import Plan
from towpath.journeys.measures.stories import KEPT_COLUMNS, KEPT_FROM, Stories, stories_of

Int64 = npt.NDArray[np.int64]
NOBODY = np.empty(0, np.int64)


def told(
    unit: Unit, plan: Plan, codes: Mapping[str, Codes], columns: Sequence[str], most: int | None = None
) -> Iterator[Joined]:
    """As `joined`, from kept stories where there are enough events and the columns are such as are kept."""
    if not KEPT_COLUMNS.issuperset(columns) or sum(file.rows for file in unit.body) < KEPT_FROM:
        yield from joined(unit, plan, codes, columns, most)
        return
    teller = _teller(unit, plan, codes, tuple(columns))
    size = len(teller.stories.time)
    parts = 1 if most is None else max(1, -(-size // most))
    edges = np.searchsorted(teller.stories.starts, [size * part // parts for part in range(1, parts)])
    for first, last in pairwise([0, *edges.tolist(), len(teller.stories.entities)]):
        if first < last or parts == 1:
            yield from teller.part(first, last)


@dataclass(frozen=True, eq=False)
class _Since:
    """Rows that do not lie in the body under their key, as they were recognised."""

    table: pa.Table
    told: Told
    nobodys: Int64


@dataclass(frozen=True, eq=False)
class _Teller:
    unit: Unit
    plan: Plan
    codes: Mapping[str, Codes]
    columns: tuple[str, ...]
    stories: Stories
    code: npt.NDArray[np.uint16]
    masks: npt.NDArray[np.uint64]
    held: Sequence[pa.Array]
    since: _Since | None

    def part(self, first: int, last: int) -> Iterator[Joined]:
        """The stories of some entities, by their places, and who came since between those and the next."""
        low = self.unit.low if first == 0 else int(self.stories.entities[first])
        ends = last >= len(self.stories.entities)
        high = self.unit.high if ends else int(self.stories.entities[last]) - 1
        settled, rows = self._settled(first, last)
        since = self._since(low, high)
        left_out = bool(len(settled.code)) and int(settled.code.max()) == LEFT_OUT
        if not (len(since.entities) or left_out or len(self._pulled(low, high))):
            yield self._as_it_is(settled, rows)
            return
        found = self._mixed(settled, since, rows)
        if found is None:
            # Rarely enough: all that orders events is read for these customers.
            yield from joined(replace(self.unit, low=low, high=high), self.plan, self.codes, self.columns)
        else:
            yield found

    def _settled(self, first: int, last: int) -> tuple[Told, slice]:
        """Without `seq`, which only those need who put others among them."""
        kept = self.stories
        starts = kept.starts[first : last + 1]
        rows = slice(int(starts[0]), int(starts[-1]))
        told = Told(kept.entities[first:last], starts - rows.start, kept.time[rows], self.code[rows], NOBODY)
        return told, rows

    def _doubted(self, rows: slice) -> tuple[Int64, Int64]:
        """Places among `rows` of events that have the time of a neighbour, and their `seq`."""
        kept = self.stories
        near = slice(*np.searchsorted(kept.doubted, [rows.start, rows.stop]))
        return kept.doubted[near] - rows.start, kept.seq[near]

    def _seq(self, rows: slice) -> Int64:
        doubted, said = self._doubted(rows)
        if not len(doubted):
            return NOBODY
        seq = np.zeros(rows.stop - rows.start, np.int64)
        seq[doubted] = said
        return seq

    def _since(self, low: int, high: int) -> Told:
        if self.since is None:
            return _told(NOBODY, NOBODY, np.empty(0, np.uint16), NOBODY)
        whole = self.since.told
        first, last = np.searchsorted(whole.entities, low), np.searchsorted(whole.entities, high, "right")
        starts = whole.starts[first : last + 1]
        return Told(whole.entities[first:last], starts, whole.time, whole.code, whole.seq)

    def _pulled(self, low: int, high: int) -> Int64:
        pulled = self.unit.moves.pulled
        return pulled[np.searchsorted(pulled, low) : np.searchsorted(pulled, high, "right")]

    def _as_it_is(self, settled: Told, rows: slice) -> Joined:
        tie = np.zeros(len(settled.time), np.bool_)
        doubted, seq = self._doubted(rows)
        time = settled.time[doubted]
        same = (np.diff(doubted) == 1) & (time[1:] == time[:-1]) & (seq[1:] == seq[:-1])
        tie[doubted[1:][same]] = True
        tie[settled.starts[:-1]] = False
        columns = [_widened(column.slice(rows.start, rows.stop - rows.start)) for column in self.held]
        return Joined(
            settled.entities,
            settled.time,
            settled.code,
            self.masks,
            tie,
            settled.starts,
            self._table(columns),
        )

    def _mixed(self, settled: Told, since: Told, rows: slice) -> Joined | None:
        late = slice(int(since.starts[0]), int(since.starts[-1]))
        size = len(settled.time) + late.stop - late.start
        room = Room(
            np.empty(len(settled.entities) + len(since.entities), np.int64),
            np.empty(len(settled.entities) + len(since.entities) + 1, np.int64),
            np.empty(size, np.int64),
            np.empty(size, np.uint16),
            np.empty(size, np.bool_),
            np.empty(size, np.int64),
        )
        nobodys = NOBODY if self.since is None else self.since.nobodys
        events, entities, mixed = tell(
            _read_only(settled._replace(seq=self._seq(rows))), _read_only(since),
            read_only(self.unit.moves.pulled, np.int64), read_only(nobodys, np.int64), room,
        )  # fmt: skip
        if mixed:
            return None
        columns = []
        for name, column in zip(self.columns, self.held, strict=True):
            pieces = [_widened(column.slice(rows.start, rows.stop - rows.start))]
            if self.since is not None:
                pieces += self.since.table[name].chunks
            columns.append(at_rows(pa.chunked_array(pieces, pieces[0].type), room.rows[:events]))
        return Joined(
            room.entities[:entities], room.time[:events], room.code[:events], self.masks, room.tie[:events],
            room.starts[: entities + 1], self._table(columns),
        )  # fmt: skip

    def _table(self, columns: Sequence[pa.Array]) -> pa.Table:
        return pa.table(list(columns), names=list(self.columns))


def _teller(unit: Unit, plan: Plan, codes: Mapping[str, Codes], columns: tuple[str, ...]) -> _Teller:
    stories = stories_of(unit, codes)
    code, masks = stories.seen(plan, codes)
    held = [stories.column(name) for name in columns]
    loose = loose_rows(unit, plan, columns)
    since = None
    if loose is not None:
        found = codes_of_rows(loose, plan, concerned=True)
        masks, own = _together(masks, found)
        key, time, seq = (numbers_of([loose], name) for name in ("key", "time", "seq"))
        since = _Since(loose, _told(key, time, own, seq), found.nobodys)
    return _Teller(unit, plan, codes, columns, stories, code, masks, held, since)


def _together(
    masks: npt.NDArray[np.uint64], found: Codes
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint16]]:
    """The masks with those that are new behind them, and the codes of the rows found in these terms."""
    whole = np.append(masks, np.setdiff1d(found.masks, masks))
    if len(whole) > LEFT_OUT:
        raise ValueError(f"{len(whole)} different sets of rules hold together; at most 65,535 can be told.")
    order = np.argsort(whole)
    meaning = order[np.searchsorted(whole[order], found.masks)].astype(np.uint16)
    return whole, meaning[found.codes]


def _told(key: Int64, time: Int64, code: npt.NDArray[np.uint16], seq: Int64) -> Told:
    """Rows in the order of events as stories."""
    starts = np.append(np.flatnonzero(np.append(True, key[1:] != key[:-1])[: len(key)]), len(key))
    return Told(key[starts[:-1]], starts, time, code, seq)


def _read_only(told: Told) -> Told:
    entities, starts, time, seq = (
        read_only(column, np.int64) for column in (told.entities, told.starts, told.time, told.seq)
    )
    return Told(entities, starts, time, read_only(told.code, np.uint16), seq)


def _widened(column: pa.Array) -> pa.Array:
    """With places of one type, so that parts fit together."""
    if not pa.types.is_dictionary(column.type) or column.type.index_type == pa.int32():
        return column
    return pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), column.dictionary)
