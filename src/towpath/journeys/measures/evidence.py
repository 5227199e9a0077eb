"""The events behind a plan: read from the lake in whole entities, recognised, and in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics.kernels.blocks import in_threads
from towpath.analytics.recognition import attributes_of, promote
from towpath.analytics.sequences import Sequences
from towpath.events.lake import Snapshot, Unit, units
from towpath.journeys.measures.codes import Codes, codes_of_body, codes_of_loose
from towpath.journeys.measures.joining import Joined, joined
from towpath.journeys.measures.plan import Plan
from towpath.journeys.measures.telling import told

__all__ = ["Batch", "Evidence", "attributes_of"]

UNIT_ROWS, SMALL_UNIT_ROWS = 6_000_000, 1_000_000
BATCH_ROWS = 250_000
Found = TypeVar("Found")
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Batch:
    """Events of whole entities. `columns`: the columns that were asked for, row by row beside `sequences`."""

    sequences: Sequences
    columns: pa.Table

    def kept(self, entities: Bool) -> Batch:
        """The batch of some of its entities (bool[entities])."""
        if entities.all():
            return self
        return self.of_rows(np.repeat(entities, np.diff(self.sequences.starts)))

    def of_rows(self, rows: Bool) -> Batch:
        """The batch of some of its rows (bool[rows])."""
        s = self.sequences
        tie = None if s.tie is None else s.tie[rows]
        kept = Sequences(s.entity[rows], s.time[rows], s.code[rows], s.masks, tie, s.activities)
        # Without columns a table knows no rows to choose from.
        return Batch(kept, self.columns.filter(pa.array(rows)) if self.columns.num_columns else self.columns)

    def showing(self, mask: int) -> Sequences:
        """The sequences in which only these activities are recognised."""
        s = self.sequences
        return Sequences(s.entity, s.time, s.code, s.masks & np.uint64(mask), s.tie, s.activities)

    def values_at(self, rows: Int64, column: str) -> pa.ChunkedArray:
        """The column's values in these rows; `data.x` is an attribute of the column data."""
        if not column.startswith("data."):
            return self.columns.column(column).take(pa.array(rows))
        there = self.columns.select(["data"]).take(pa.array(rows))
        return promote(there, [column]).column(column)


@dataclass(frozen=True)
class Evidence:
    """What a plan sees in one version of the lake."""

    plan: Plan
    snapshot: Snapshot

    @cached_property
    def as_of(self) -> datetime | None:
        """The latest event of the sources concerned; None without any.

        They are the plan's own, else those in which its rules recognise something: another desk's log must
        not turn who is still open into who is lost.
        """
        marks = self.snapshot.watermarks()
        concerned = self.plan.sources or (self._recognised_sources() if len(marks) > 1 else marks)
        return max((marks[name] for name in concerned if name in marks), default=None)

    def _recognised_sources(self) -> set[str]:
        (everything,) = units(self.snapshot, 1)
        late = codes_of_loose(everything, self.plan)
        return {name for codes in (*self._codes.values(), late) if codes for name in codes.sources}

    @cached_property
    def _codes(self) -> dict[str, Codes]:
        return codes_of_body(self.snapshot, self.plan)

    @property
    def as_of_us(self) -> int:
        """`as_of` in UTC microseconds, 0 without events."""
        return microseconds_of(self.as_of) if self.as_of else 0

    def batches(self, columns: Sequence[str] = ()) -> Iterator[Batch]:
        """Every entity, whole in one batch, with these columns of its events beside. One batch at least."""
        wanted = tuple(dict.fromkeys(columns))
        if self.plan.follows == "case":
            yield from self._cases(wanted)
            return
        for unit in self._units():
            for found in told(unit, self.plan, self._codes, wanted):
                yield self._customers(found)

    def each(self, work: Callable[[Batch], Found], columns: Sequence[str] = ()) -> list[Found]:
        """What `work` finds in each of many small batches (the processor's cache holds one), in the order of
        `batches`; all processors take part, so that it may not ask the database."""
        wanted = tuple(dict.fromkeys(columns))
        if self.plan.follows == "case":
            return [work(batch) for batch in self._cases(wanted)]
        codes = self._codes

        def one_unit(unit: Unit) -> list[Found]:
            parts = told(unit, self.plan, codes, wanted, BATCH_ROWS)
            return [work(self._customers(part)) for part in parts]

        return [found for unit in in_threads(one_unit, self._units()) for found in unit]

    def held(self, columns: Sequence[str]) -> HeldEvidence:
        """The same evidence in memory, for several measures of one page."""
        return HeldEvidence(self.plan, self.snapshot, tuple(self.batches(columns)))

    def _units(self) -> list[Unit]:
        return units(self.snapshot, _unit_count(self.snapshot))

    def _customers(self, found: Joined) -> Batch:
        log = Sequences.of_stories(
            found.entities, found.starts, found.time, found.code, found.masks, found.tie, self.plan.keys
        )
        return Batch(log, found.columns)

    def _cases(self, wanted: tuple[str, ...]) -> Iterator[Batch]:
        parts: list[pa.Table] = []
        needs_sorting = False
        for unit in self._units():
            table, masks = self._read(unit, wanted)
            parts.append(_with_masks(table, masks))
            needs_sorting |= not pc.all(pc.equal(table["entity"], table["key"]), min_count=0).as_py()
        if needs_sorting:
            parts = [self._by_case(pa.concat_tables(parts).unify_dictionaries())]
        for part in parts:
            table, masks = _codes_of_masks(part)
            sequences = Sequences.from_table(table, masks, self.plan.keys)
            yield Batch(sequences, table.select(list(wanted)))

    def _read(self, unit: Unit, wanted: tuple[str, ...]) -> tuple[pa.Table, npt.NDArray[np.uint64]]:
        """The unit's events with `entity`, `code`, and what orders them; those without a case are left
        out."""
        names = dict.fromkeys(["key", "time", "seq", "case_key", *wanted])
        (found,) = joined(unit, self.plan, self._codes, list(names))
        table = found.columns.append_column("code", pa.array(found.code))
        table = table.append_column("entity", table["case_key"])
        return table.filter(pc.is_valid(table["entity"])), found.masks

    def _by_case(self, table: pa.Table) -> pa.Table:
        """Cases that span customers, put together: by (case, time, seq, source, id)."""
        entity, time, seq = (np.asarray(table[name].cast(pa.int64())) for name in ("entity", "time", "seq"))
        order = np.lexsort((seq, time, entity))
        key = np.asarray(table["key"])[order]
        same = np.ones(max(len(order) - 1, 0), np.bool_)
        for values in (entity, time, seq):
            same &= values[order][1:] == values[order][:-1]
        if not (same & (key[1:] != key[:-1])).any():
            return table.take(pa.array(order))
        return table.take(pc.sort_indices(self._with_identity(table), sort_keys=_CASE_ORDER))

    def _with_identity(self, table: pa.Table) -> pa.Table:
        """Only where two customers' events of a case tie on time and place are source and id worth
        reading."""
        named = ["source", "id", "case_key"]
        parts = [unit.read(named, sources=self.plan.sources or None) for unit in self._units()]
        identity = pa.concat_tables(parts)
        identity = identity.filter(pc.is_valid(identity["case_key"]))
        ordering = table.select(["entity", "time", "seq"])
        return ordering.append_column("source", identity["source"]).append_column("id", identity["id"])


@dataclass(frozen=True)
class HeldEvidence(Evidence):
    """Evidence that was read once, with the columns that it was read with."""

    kept: tuple[Batch, ...] = ()

    def batches(self, columns: Sequence[str] = ()) -> Iterator[Batch]:
        for batch in self.kept:
            yield Batch(batch.sequences, batch.columns.select(list(dict.fromkeys(columns))))

    def each(self, work: Callable[[Batch], Found], columns: Sequence[str] = ()) -> list[Found]:
        return [work(batch) for batch in self.batches(columns)]


_CASE_ORDER = [(name, "ascending") for name in ("entity", "time", "seq", "source", "id")]


def microseconds_of(moment: datetime) -> int:
    """UTC microseconds since 1970, exactly."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _unit_count(snapshot: Snapshot) -> int:
    """As many as the busiest month has buckets, so that hardly a file is read for two units; fewer where they
    would be small, more where they would not fit into memory."""
    most = max((file.of for file in snapshot.files), default=1)
    few, many = (max(1, snapshot.rows // rows) for rows in (UNIT_ROWS, SMALL_UNIT_ROWS))
    return 1 << (min(max(few, most), many) - 1).bit_length()


def _with_masks(table: pa.Table, masks: npt.NDArray[np.uint64]) -> pa.Table:
    """Codes hold for one unit only; masks hold everywhere."""
    return table.append_column("mask", pa.array(masks[np.asarray(table["code"])]))


def _codes_of_masks(table: pa.Table) -> tuple[pa.Table, npt.NDArray[np.uint64]]:
    masks, codes = np.unique(np.asarray(table["mask"]), return_inverse=True)
    place = table.schema.get_field_index("code")
    return table.set_column(place, "code", pa.array(codes.astype(np.uint16))), masks
