"""Whose story an event belongs to may change: identifiers are joined into one customer, or parted again.

The lake is written under the keys that were known then. `Moves` holds what has changed since, so that
readers see today's customers at once; the body is brought up to date in the background (`compacting`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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

    `targets`: own key of a subject -> key of the customer whose story it is now. `pulled`: every key under
    which events of these subjects may lie, ascending.
    """

    targets: Mapping[int, int] = field(default_factory=dict)
    pulled: Int64 = field(default_factory=lambda: np.empty(0, np.int64), compare=False)

    @classmethod
    def of(cls, changes: Mapping[int, tuple[int, int]]) -> Moves:
        """From own key -> (key before, key now)."""
        pulled = {*changes, *(before for before, _now in changes.values())}
        return cls({own: now for own, (_before, now) in changes.items()}, np.array(sorted(pulled), np.int64))

    def __bool__(self) -> bool:
        return bool(self.targets)

    def pulls(self, keys: Int64) -> npt.NDArray[np.bool_]:
        """Which of these keys hold events that may have moved."""
        return np.isin(keys, self.pulled)

    def applied(self, table: pa.Table) -> pa.Table:
        """Events (with SUBJECT_COLUMNS) under the keys of today."""
        keys = np.array(table["key"])
        rows = np.flatnonzero(self.pulls(keys))
        few = table.select(list(SUBJECT_COLUMNS)).take(pa.array(rows))
        for row, parts in zip(
            rows, zip(*(few[name].to_pylist() for name in SUBJECT_COLUMNS), strict=True), strict=True
        ):
            keys[row] = self.targets.get(subject_key(subject(*parts)), keys[row])
        return table.set_column(
            table.schema.get_field_index("key"), table.schema.field("key"), pa.array(keys)
        )


NO_MOVES = Moves()
