"""Which row of a file is which: how many equal rows came before, whether an id was used before.

Rows are remembered as 64-bit hashes in sorted runs; beyond SPILL_ROWS a run lies in a temporary file and is
memory-mapped, so memory stays bounded however long the file is, and the answer is exact (but for a collision
of hashes, which only makes a first row the second of its kind: still an id of its own, and the same at each
import). The count depends on the raw rows alone, never on whether they were refused, so a resumed or
repeated import gives every row the id it had.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Hashes: TypeAlias = "NDArray[np.uint64]"
Counts: TypeAlias = "NDArray[np.int64]"

SPILL_ROWS = 2_000_000
"""32 MB a run, and twice that while two are merged."""


class _Run(Protocol):
    keys: Hashes
    payloads: Hashes


class _MemoryRun:
    def __init__(self, keys: Hashes, payloads: Hashes) -> None:
        order = np.argsort(keys, kind="stable")
        self.keys, self.payloads = keys[order], payloads[order]


class _FileRun:
    """A run in a temporary file that vanishes with its last user."""

    def __init__(self, run: _Run) -> None:
        with tempfile.TemporaryFile(prefix="towpath-rows-") as file:
            both = np.concatenate([run.keys, run.payloads])
            both.tofile(file)
            file.flush()
            mapped: Hashes = np.memmap(file, dtype=np.uint64, mode="r", shape=both.shape)
        half = len(both) // 2
        self.keys, self.payloads = mapped[:half], mapped[half:]


class SeenRows:
    """Hashes of the rows of one file, in the order they came."""

    def __init__(self, spill_rows: int = SPILL_ROWS) -> None:
        self._spill_rows = spill_rows
        self._runs: list[_Run] = []

    def count(self, keys: Hashes) -> Counts:
        """For each row of the next chunk: how many equal ones came before it, in this chunk or earlier."""
        distinct, place = np.unique(keys, return_inverse=True)
        before = np.zeros(len(distinct), np.int64)
        for run in self._runs:  # sorted look-ups walk a mapped file in order
            before += np.searchsorted(run.keys, distinct, "right") - np.searchsorted(
                run.keys, distinct, "left"
            )
        self._add(keys, keys)
        return _ordinals(keys) + before[place]

    def claim(self, ids: Hashes, contents: Hashes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """For each row of the next chunk: was its id used before with the same content, or with different
        content? The first row with an id owns it."""
        distinct, first, place = np.unique(ids, return_index=True, return_inverse=True)
        owner = contents[first]
        known = np.zeros(len(distinct), np.bool_)
        for run in self._runs:
            if not len(run.keys):
                continue
            at = np.minimum(np.searchsorted(run.keys, distinct, "left"), len(run.keys) - 1)
            hit = run.keys[at] == distinct
            owner = np.where(hit, run.payloads[at], owner)
            known |= hit
        self._add(distinct[~known], contents[first][~known])
        used = known[place]
        later = np.ones(len(ids), np.bool_)
        later[first] = False
        used |= later
        same = owner[place] == contents
        return used & same, used & ~same

    def _add(self, keys: Hashes, payloads: Hashes) -> None:
        run: _Run = _MemoryRun(keys, payloads)
        while self._runs and not isinstance(self._runs[-1], _FileRun):
            last = self._runs[-1]
            if len(last.keys) > 2 * len(run.keys):
                break
            self._runs.pop()
            run = _MemoryRun(
                np.concatenate([last.keys, run.keys]), np.concatenate([last.payloads, run.payloads])
            )
        self._runs.append(_FileRun(run) if len(run.keys) >= self._spill_rows else run)


def _ordinals(keys: Hashes) -> Counts:
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    places = np.arange(len(keys))
    starts = np.ones(len(keys), np.bool_)
    starts[1:] = ordered[1:] != ordered[:-1]
    begin = np.maximum.accumulate(np.where(starts, places, 0))
    nth = np.empty(len(keys), np.int64)
    nth[order] = places - begin
    return nth
