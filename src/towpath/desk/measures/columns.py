"""From a reading's columns to codes: each distinct text once, and what the texts of states, tiers and flags
mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from towpath.analytics.ticket_paths import NEVER, NO_TIER, UNKNOWN_TIER, last_of
from towpath.desk.rules.reading import JOINED, Column, Reading
from towpath.desk.rules.states import STATES, class_of
from towpath.events.times import parse_times

Int8 = npt.NDArray[np.int8]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

YES = frozenset({"true", "yes", "1", "y", "t", "met", "sí", "si", "ja", "oui", "是"})
NO = frozenset({"false", "no", "0", "n", "f", "missed", "breached", "nein", "nej", "non", "否"})


@dataclass(frozen=True, eq=False)
class Coded:
    """Texts as codes: `codes` int32[n], -1 where there is none; `names` by code (Arrow), each once."""

    codes: Int32
    names: pa.StringArray

    @classmethod
    def of(cls, values: pa.ChunkedArray | pa.Array) -> Coded:
        """Of an Arrow column of texts. Empty texts are none."""
        column = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        if not pa.types.is_dictionary(column.type):
            column = pc.dictionary_encode(column.cast(pa.string()))
        codes = pc.fill_null(column.indices.cast(pa.int32()), -1).to_numpy(zero_copy_only=False)
        empty = pc.index(column.dictionary, "").as_py()
        return cls(codes if empty < 0 else np.where(codes == empty, -1, codes), column.dictionary)

    @classmethod
    def nothing(cls, rows: int) -> Coded:
        """Where no column says it."""
        return cls(np.full(rows, -1, np.int32), pa.array([], pa.string()))

    def texts(self) -> list[str]:
        """The names as Python's texts, by code."""
        return [name or "" for name in self.names.to_pylist()]

    def renamed(self, named: Sequence[str]) -> Coded:
        """With other names by code; those that become alike, or empty, are one, or none."""
        known: dict[str, int] = {}
        new = [known.setdefault(name, len(known)) if name else -1 for name in named]
        return Coded(np.array([*new, -1], np.int32)[self.codes], pa.array(list(known), pa.string()))

    def used(self) -> Coded:
        """Without the names that no row has."""
        there = np.bincount(self.codes[self.codes >= 0], minlength=len(self.names)) > 0
        renumbered = np.append(np.where(there, np.cumsum(there) - 1, -1), -1).astype(np.int32)
        return Coded(renumbered[self.codes], self.names.filter(pa.array(there)))

    def decided(self, values: Sequence[int], missing: int, dtype: npt.DTypeLike) -> npt.NDArray[np.generic]:
        """A number for each row: `values` by code, `missing` where there is no text."""
        return np.array([*values, missing], dtype)[self.codes]

    def last_of(self, starts: Int64) -> Coded:
        """The last text of each ticket, whose rows begin at `starts`."""
        return Coded(last_of(starts, self.codes, np.full(len(starts) - 1, -1, np.int64)), self.names)

    def ordered(self, order: Int64) -> Coded:
        """Its rows in another order."""
        return Coded(self.codes[order], self.names)

    def arrow(self) -> pa.DictionaryArray:
        """As Arrow's dictionary<int32, string>."""
        codes = pa.array(self.codes, pa.int32(), mask=self.codes < 0)
        return pa.DictionaryArray.from_arrays(codes, self.names)


def states_of(raw: Coded, reading: Reading) -> Int8:
    """The class of each row's state."""
    classes = [STATES.index(class_of(name, reading.states)) for name in raw.texts()]
    return raw.decided(classes, STATES.index("unknown"), np.int8).astype(np.int8)


def teams_of(raw: Coded, reading: Reading) -> Coded:
    """Teams under the names of today."""
    return raw.renamed([reading.teams.get(name, name) for name in raw.texts()])


def tiers_of(team: Coded, written: Coded | None, reading: Reading) -> Int8:
    """The tier of each row. `written`: the column that says it, where the reading names one."""
    if reading.tiers is None:
        return np.where(team.codes >= 0, UNKNOWN_TIER, NO_TIER).astype(np.int8)
    if written is None:
        found = [reading.tiers.of_team(name) for name in team.texts()]
        numbers = [UNKNOWN_TIER if tier is None else tier for tier in found]
        return team.decided(numbers, NO_TIER, np.int8).astype(np.int8)
    told = [reading.tiers.of_text(name) for name in written.texts()]
    otherwise = UNKNOWN_TIER if reading.tiers.otherwise is None else reading.tiers.otherwise
    tier = written.decided([otherwise if each is None else each for each in told], NO_TIER, np.int8)
    return np.where((tier == NO_TIER) & (team.codes >= 0), otherwise, tier).astype(np.int8)


def kinds_of(raw: Coded, column: Column) -> Coded:
    """The kind of ticket that each row is."""
    return raw.renamed([column.map.get(name, column.otherwise) for name in raw.texts()])


def joined_of(columns: Sequence[Coded]) -> Coded:
    """Several columns as one text; what is missing is left out, all missing is none."""
    joined = columns[0]
    for column in columns[1:]:
        width = len(column.names) + 1
        pairs = (joined.codes.astype(np.int64) + 1) * width + column.codes + 1
        found, at = np.unique(pairs, return_inverse=True)
        before, after = ["", *joined.texts()], ["", *column.texts()]
        named = [JOINED.join(filter(None, (before[pair // width], after[pair % width]))) for pair in found]
        joined = Coded(at.astype(np.int32), pa.array(named, pa.string())).renamed(named)
    return joined


def flags_of(raw: Coded) -> Int8:
    """1 for yes, 0 for no, -1 where neither is said."""
    low = [name.strip().casefold() for name in raw.texts()]
    numbers = [1 if name in YES else 0 if name in NO else -1 for name in low]
    return raw.decided(numbers, -1, np.int8).astype(np.int8)


def times_of(raw: Coded, reading: Reading) -> Int64:
    """Microseconds; NEVER where no time is said or it cannot be read."""
    found = parse_times(raw.names, reading.times.formats, reading.times.zone)
    micros = np.where(found.known, found.micros, NEVER)
    return raw.decided(micros.tolist(), NEVER, np.int64).astype(np.int64)
