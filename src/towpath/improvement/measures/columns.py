"""The events of some weeks, column by column: numbers as arrays, texts as codes into their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.analytics.recognition import ATTRIBUTES, Rule, attributes_of, columns_of, promote
from towpath.events.envelope import subject, subject_key
from towpath.events.lake import Snapshot, units
from towpath.journeys.measures.codes import text_columns
from towpath.journeys.measures.plan import Plan

Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Bool = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

NONE = -1
PROMOTED = ("data.language", "data.region", "data.device")
"""Attributes by which customers are told apart, where events have them."""
TOPIC = "data.topic"
_ALWAYS = (
    "key", "time", "seq", "source", "type", "channel", "service", "component", "version", "outcome",
    "latency_ms", "value", "currency", "tier", "change", "data",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Column:
    """Texts: `codes` int32[n] into `words`, -1 where there is none."""

    codes: Int32
    words: tuple[str, ...]

    def flag(self, wanted: Bool) -> Bool:
        """Which rows hold a wanted word; `wanted` bool[words]."""
        return np.append(wanted, False)[self.codes]

    def take(self, rows: Int64) -> Column:
        return Column(self.codes[rows], self.words)

    def to_words(self) -> list[str]:
        """Row by row, empty where there is none."""
        return [self.words[code] if code >= 0 else "" for code in self.codes.tolist()]

    def is_word(self, word: str) -> Bool:
        return self.flag(np.array([each == word for each in self.words], np.bool_))


@dataclass(frozen=True, eq=False)
class Columns:
    """Events in the order (key, time, seq, source, id). `table`: texts encoded, attributes of `data` that
    are needed promoted to columns of their own."""

    table: pa.Table
    key: Int64
    time: Int64
    _read: dict[str, Column] = field(default_factory=dict)

    def text(self, name: str) -> Column:
        """A text column, or an attribute that was asked for when reading; empty where there is none."""
        if name not in self._read:
            self._read[name] = _column(self.table, name)
        return self._read[name]

    def number(self, name: str) -> Floats:
        """A column of numbers, nan where there is none."""
        return np.asarray(self.table[name].combine_chunks().to_numpy(zero_copy_only=False), np.float64)

    @cached_property
    def nobody(self) -> Bool:
        """Events that name neither customer nor case: they would pass for one busy customer."""
        source, service = self.text("source"), self.text("service")
        pairs = np.unique(source.codes.astype(np.int64) * (len(service.words) + 1) + service.codes + 1)
        keys = []
        for pair in pairs.tolist():
            place, named = divmod(pair, len(service.words) + 1)
            keys.append(
                subject_key(
                    subject(None, None, source.words[place], service.words[named - 1] if named else None)
                )
            )
        return np.isin(self.key, np.array(keys, np.int64))


def read_columns(
    snapshot: Snapshot, plans: Sequence[Plan], rules: Sequence[Rule], start: datetime, end: datetime
) -> Columns:
    """Events of `start` (inclusive) to `end` (exclusive) with what the journeys and the rules need."""
    every = [*rules, *(rule for plan in plans for rule in plan.rules)]
    names = dict.fromkeys([*_ALWAYS, *columns_of(every)])
    if any(plan.follows == "case" for plan in plans):
        names["case_key"] = None
    attributes = dict.fromkeys([*PROMOTED, TOPIC, *attributes_of(every)])
    (unit,) = units(snapshot, 1)
    table = unit.read(list(names), start=start, end=end, encoded=text_columns(names))
    table = _promoted(table, list(attributes))
    key = np.asarray(table["key"].combine_chunks())
    time = np.asarray(table["time"].cast(pa.int64()).combine_chunks())
    return Columns(table, key, time)


def _promoted(table: pa.Table, attributes: list[str]) -> pa.Table:
    """With a column for each attribute; looked up once for each distinct text of `data`."""
    encoded = _whole(table[ATTRIBUTES].cast(pa.string()).dictionary_encode())
    distinct = promote(pa.table({ATTRIBUTES: encoded.dictionary}), attributes)
    for name in attributes:
        table = table.append_column(name, _whole(distinct[name].dictionary_encode()).take(encoded.indices))
    return table


def _whole(encoded: pa.ChunkedArray) -> pa.DictionaryArray:
    """One array with one dictionary."""
    together = encoded.unify_dictionaries()
    if together.num_chunks == 1:
        return together.chunk(0)
    if not together.num_chunks:
        return pa.array([], pa.string()).dictionary_encode()
    return pa.concat_arrays(together.chunks)


def _column(table: pa.Table, name: str) -> Column:
    found = table[name]
    encoded = _whole(
        found if pa.types.is_dictionary(found.type) else found.cast(pa.string()).dictionary_encode()
    )
    words = encoded.dictionary.to_pylist()
    indices = encoded.indices.fill_null(NONE).to_numpy(zero_copy_only=False)
    named = np.array([*(i if word else NONE for i, word in enumerate(words)), NONE], np.int32)
    return Column(named[indices], tuple(word or "" for word in words))
