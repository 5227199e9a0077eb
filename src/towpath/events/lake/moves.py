"""Whose story an event belongs to may change: identifiers are joined into one customer, or parted again.

The lake is written under the keys that were known then. `Moves` holds what has changed since, so that
readers see today's customers at once; the body is brought up to date in the background (`compacting`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from towpath.events.envelope import subject, subject_key

Int64 = npt.NDArray[np.int64]

SUBJECT_COLUMNS = ("identifier", "case", "source", "service")
"""What tells an event's own key (`envelope.subject`)."""


@dataclass(frozen=True)
class Moves:
    """Changes of keys that the lake's files do not show yet.

    `targets`: own key of a subject that changed -> key of the customer whose story it is now. `pulled`: every
    key under which events of these subjects may lie, ascending; others that lie there stay where they are.
    """

    targets: Mapping[int, int] = field(default_factory=dict, hash=False)
    pulled: Int64 = field(default_factory=lambda: np.empty(0, np.int64), compare=False)

    @classmethod
    def of(cls, targets: Mapping[int, int], before: Iterable[int]) -> Moves:
        """`before`: keys under which events of these subjects lay, apart from their own."""
        return cls(dict(targets), np.array(sorted({*targets, *before}), np.int64))

    def __bool__(self) -> bool:
        return bool(self.targets)

    def pulls(self, keys: Int64) -> npt.NDArray[np.bool_]:
        """Which of these keys hold events that may have moved."""
        return np.isin(keys, self.pulled)

    def applied(self, table: pa.Table) -> pa.Table:
        """Events (with SUBJECT_COLUMNS) under the keys of today."""
        keys = table["key"].to_numpy().copy()
        rows = np.flatnonzero(self.pulls(keys))
        few = table.select(list(SUBJECT_COLUMNS)).take(pa.array(rows))
        for row, parts in zip(
            rows, zip(*(few[name].to_pylist() for name in SUBJECT_COLUMNS), strict=True), strict=True
        ):
            keys[row] = self.targets.get(subject_key(subject(*parts)), keys[row])
        return table.set_column(
            table.schema.get_field_index("key"), table.schema.field("key"), pa.array(keys)
        )


@dataclass(frozen=True)
class KeyTargets:
    """Under which `key` events of joined subjects (`own`, ascending) come into the lake, row by row."""

    own: Int64 = field(default_factory=lambda: np.empty(0, np.int64))
    key: Int64 = field(default_factory=lambda: np.empty(0, np.int64))

    def applied(self, table: pa.Table) -> pa.Table:
        """Events, that have their own keys, under the keys of today."""
        if not len(self.own):
            return table
        keys = np.asarray(table["key"])
        at = np.minimum(np.searchsorted(self.own, keys), len(self.own) - 1)
        today = np.where(self.own[at] == keys, self.key[at], keys)
        return table.set_column(
            table.schema.get_field_index("key"), table.schema.field("key"), pa.array(today)
        )


@dataclass(frozen=True)
class Forgotten:
    """Whose events do not come in again: keyed hash of the own key -> until when (UTC microseconds)."""

    until: Mapping[int, int] = field(default_factory=dict)
    secret: bytes = b""

    def among(self, own: Int64) -> pa.Table:
        """Those of these keys that are forgotten: `own`, `until`."""
        found = (
            {}
            if not self.until
            else {int(key): self.until.get(digest_of(int(key), self.secret)) for key in own}
        )
        kept = {key: until for key, until in found.items() if until is not None}
        return pa.table(
            {"own": pa.array(list(kept), pa.int64()), "until": pa.array(list(kept.values()), pa.int64())}
        )

    def drops(self, events: pa.Table) -> npt.NDArray[np.bool_]:
        """Which of these events, that have their own keys, do not come in."""
        if not self.until or not len(events):
            return np.zeros(len(events), np.bool_)
        keys = events["key"].to_numpy()
        unique, place = np.unique(keys, return_inverse=True)
        until = np.full(len(unique), np.iinfo(np.int64).min)
        listed = self.among(unique)
        until[np.searchsorted(unique, listed["own"].to_numpy())] = listed["until"].to_numpy()
        dropped: npt.NDArray[np.bool_] = events["time"].cast(pa.int64()).to_numpy() <= until[place]
        return dropped


def digest_of(own: int, secret: bytes) -> int:
    """Keyed hash of a key, as a signed integer: without the secret nobody can try identifiers on it."""
    raw = blake2b(own.to_bytes(8, "big", signed=True), digest_size=8, key=secret).digest()
    return int.from_bytes(raw, "big", signed=True)


NO_MOVES = Moves()
NO_TARGETS = KeyTargets()
