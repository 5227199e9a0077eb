"""Whether the files of a version are what its log says: whole, in order, in their place, each event once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from towpath.events.envelope import EVENT_SCHEMA, SORT_ORDER
from towpath.events.lake.index import Identities, IdentityIndex, identities
from towpath.events.lake.layout import EventFile, months_of
from towpath.events.lake.log import EventLog, files_of
from towpath.events.lake.reading import NUMBERS
from towpath.events.lake.spreading import Spread

NAMED_AT_MOST = 20
"""Repeated identities that are named with the files in which they lie."""
_UNREADABLE = (OSError, pa.ArrowException, ValueError, KeyError)


class Kind(StrEnum):
    """What can be wrong with the lake."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    ROWS = "rows"
    SCHEMA = "schema"
    UNSORTED = "unsorted"
    MISPLACED = "misplaced"
    TIMES = "times"
    DOUBLED = "doubled"
    INDEX_BROKEN = "index-broken"
    INDEX_AHEAD = "index-ahead"
    UNKNOWN = "unknown"
    ORPHANS = "orphans"
    LEFTOVERS = "leftovers"


@dataclass(frozen=True)
class Trouble:
    """One thing that is not as it must be. `count`: rows, events or files; `bytes` of what could go."""

    kind: Kind
    where: str
    told: str = ""
    count: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class _Looked:
    """What reading a file's rows found: how many lie where they must not, and their identities by piece."""

    unsorted: int
    misplaced: int
    outside: int


class Checking:
    """One look at the lake as it is now; `scratch` is a folder for what does not fit into memory."""

    def __init__(self, log: EventLog, index: IdentityIndex, scratch: Path) -> None:
        self.log, self._index, self._scratch = log, index, scratch
        # The index first: it is noted after the lake's commit, so that it can be behind, never ahead.
        self._index_whole = index.reload_whole()
        table = log.open()
        self.version: int = table.version()
        self.files = files_of(table)

    def troubles(self) -> Iterator[Trouble]:
        """Everything that is wrong with the files and the index. Reads each event's order and identity."""
        yield from self._index_troubles()
        late = self._not_indexed_yet()
        unknown = 0
        with Spread(self._scratch) as spread:
            readable = []
            for file in self.files:
                found = list(self._file_troubles(file))
                if not found or all(each.kind is Kind.ROWS for each in found):
                    readable.append(file)
                    more, strange = self._row_troubles(file, spread, known=file.path in late)
                    found += more
                    unknown += strange
                if found and self._still_there(file):
                    yield from found
            yield from self._doubled(spread, readable)
        if unknown and self._index_whole:
            yield Trouble(Kind.UNKNOWN, "index", count=unknown)

    def _index_troubles(self) -> Iterator[Trouble]:
        if not self._index_whole:
            yield Trouble(Kind.INDEX_BROKEN, "index")
        elif self._index.version > self.version:
            told = f"{self._index.version} > {self.version}"
            yield Trouble(Kind.INDEX_AHEAD, "index", told)

    def _not_indexed_yet(self) -> set[str]:
        """Files whose identities the index need not know: the next writer brings it up to date."""
        if self._index.version < 0:
            return {file.path for file in self.files}
        paths: set[str] = set()
        for version in range(self._index.version + 1, self.version + 1):
            brought = self.log.brought(version)
            if brought is None:
                return {file.path for file in self.files}
            paths.update(brought)
        return paths

    def _still_there(self, file: EventFile) -> bool:
        """Whether the lake still names a file: a forgotten customer's is taken away at once."""
        return file.path in {each.path for each in files_of(self.log.open())}

    def _file_troubles(self, file: EventFile) -> Iterator[Trouble]:
        store = self.log.store
        if not store.existing([file.path]):
            yield Trouble(Kind.MISSING, file.path, count=file.rows)
            return
        try:
            metadata = self._metadata(file)
        except _UNREADABLE as error:
            yield Trouble(Kind.UNREADABLE, file.path, str(error), file.rows)
            return
        if metadata.num_rows != file.rows:
            yield Trouble(Kind.ROWS, file.path, f"{metadata.num_rows:,} / {file.rows:,}", file.rows)
        if strange := strange_columns(metadata.schema.to_arrow_schema()):
            yield Trouble(Kind.SCHEMA, file.path, ", ".join(strange), file.rows)

    def _metadata(self, file: EventFile) -> Any:
        # Not by the store's footers: they are remembered, and what is on disk now is the question.
        with self.log.store.filesystem.open_input_file(file.path) as raw:
            return pq.read_metadata(raw)

    def _row_troubles(self, file: EventFile, spread: Spread, *, known: bool) -> tuple[list[Trouble], int]:
        """What is wrong with its rows, and how many of its events the index does not know."""
        looked, strange = _Looked(0, 0, 0), 0
        last: pa.Table | None = None
        try:
            for rows in self._pieces(file):
                looked = _more(looked, rows, last, file)
                named = identities(rows["source"], rows["id"])
                spread.add(named)
                if not known and self._index_whole:
                    strange += int((~self._index.known(named)).sum())
                last = rows.slice(len(rows) - 1)
        except _UNREADABLE as error:
            return [Trouble(Kind.UNREADABLE, file.path, str(error), file.rows)], strange
        counted = (
            (Kind.UNSORTED, looked.unsorted),
            (Kind.MISPLACED, looked.misplaced),
            (Kind.TIMES, looked.outside),
        )
        return [Trouble(kind, file.path, count=count) for kind, count in counted if count], strange

    def _pieces(self, file: EventFile) -> Iterator[pa.Table]:
        with self.log.store.filesystem.open_input_file(file.path) as raw:
            parquet = pq.ParquetFile(raw)
            for group in range(parquet.num_row_groups):
                rows = parquet.read_row_group(group, columns=list(SORT_ORDER))
                if len(rows):
                    yield rows.combine_chunks()

    def _doubled(self, spread: Spread, readable: Sequence[EventFile]) -> Iterator[Trouble]:
        repeated = list(spread.repeated())
        count = sum(map(len, repeated))
        if not count:
            return
        few = repeated[0].take(np.arange(min(len(repeated[0]), NAMED_AT_MOST)))
        places: dict[str, list[str]] = {}
        for file in readable:
            for rows in self._pieces(file):
                for row in np.flatnonzero(_among(identities(rows["source"], rows["id"]), few)):
                    name = f"{rows['source'][row].as_py()} {rows['id'][row].as_py()}"
                    places.setdefault(name, []).append(file.path)
        told = "; ".join(f"{name} in {' and '.join(paths)}" for name, paths in places.items())
        yield Trouble(Kind.DOUBLED, "events", told, count)


def strange_columns(found: pa.Schema) -> list[str]:
    """Columns that the envelope does not have so, or needs and does not find; older files may lack others."""
    strange = []
    for field in found:
        known = EVENT_SCHEMA.get_field_index(field.name)
        if known < 0 or not EVENT_SCHEMA.field(known).type.equals(field.type):
            strange.append(f"{field.name} ({field.type})")
    needed = {field.name for field in EVENT_SCHEMA if not field.nullable} - set(found.names)
    return strange + sorted(needed)


def _more(before: _Looked, rows: pa.Table, last: pa.Table | None, file: EventFile) -> _Looked:
    checked = rows if last is None else pa.concat_tables([last, rows]).combine_chunks()
    keys = rows["key"].to_numpy()
    low, high = file.key_range()
    wrong = (keys < low) | (keys > high)
    if not file.in_tail:
        wrong |= months_of(rows["time"]) != np.datetime64(file.month, "M")
    extent = pc.min_max(rows["time"]).as_py()
    outside = extent["min"] < file.min_time or extent["max"] > file.max_time
    return _Looked(
        before.unsorted + int(_descents(checked).sum()),
        before.misplaced + int(wrong.sum()),
        before.outside + outside,
    )


def _descents(rows: pa.Table) -> npt.NDArray[np.bool_]:
    """After which rows a smaller one follows. Texts are compared as UTF-8 only where the numbers tie."""
    before, after = rows.slice(0, max(len(rows) - 1, 0)), rows.slice(1)
    down = np.zeros(len(after), np.bool_)
    tied = np.ones(len(after), np.bool_)
    for name in NUMBERS:
        one, two = _numbers(before[name]), _numbers(after[name])
        down |= tied & (one > two)
        tied &= one == two
    at = np.flatnonzero(tied)
    texts = SORT_ORDER[len(NUMBERS) :]
    first, second = (part.select(list(texts)).take(pa.array(at)).to_pylist() for part in (before, after))
    for row, one_text, two_text in zip(at, first, second, strict=True):
        down[row] = tuple(t.encode() for t in one_text.values()) > tuple(
            t.encode() for t in two_text.values()
        )
    return down


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    found: npt.NDArray[np.int64] = column.cast(pa.int64()).to_numpy()
    return found


def _among(found: Identities, few: Identities) -> npt.NDArray[np.bool_]:
    hit = np.zeros(len(found), np.bool_)
    for high, low in zip(few.high, few.low, strict=True):
        hit |= (found.high == high) & (found.low == low)
    return hit
