"""Looking for equal identities among more than memory holds: sorted runs on disk, a range at a time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import numpy as np

from towpath.events.lake.index import Hashes, Identities

RUN_ROWS = 4_000_000
"""Identities that are sorted in memory and written as one run; 16 bytes each."""
_ALL = (1 << 64) - 1


class Spread:
    """Gathers identities in `folder`, which is its own and goes when it is closed."""

    def __init__(self, folder: Path, *, run_rows: int = RUN_ROWS) -> None:
        self._folder, self._run_rows = folder / f"doctor-{uuid4().hex}", run_rows
        self._waiting: list[Identities] = []
        self._runs: list[tuple[Hashes, Hashes]] = []
        self._rows = 0

    def __enter__(self) -> Spread:
        self._folder.mkdir(parents=True)
        return self

    def __exit__(self, *_failure: object) -> None:
        self._runs = []
        shutil.rmtree(self._folder, ignore_errors=True)

    def add(self, found: Identities) -> None:
        self._waiting.append(found)
        if sum(map(len, self._waiting)) >= self._run_rows:
            self._write()

    def repeated(self) -> Iterator[Identities]:
        """Those that were added more than once, each once, ascending."""
        self._write()
        for piece in self._pieces():
            order = np.lexsort((piece.low, piece.high))
            high, low = piece.high[order], piece.low[order]
            same = (high[1:] == high[:-1]) & (low[1:] == low[:-1])
            first = same.copy()
            first[1:] &= ~same[:-1]
            if first.any():
                yield Identities(high[1:][first], low[1:][first])

    def _pieces(self) -> Iterator[Identities]:
        """All of them, by ranges of hashes, which are spread evenly."""
        count = max(1, -(-self._rows // self._run_rows))
        bounds = [np.uint64(_ALL * part // count) for part in range(1, count)]
        cuts = [[0, *np.searchsorted(high, bounds).tolist(), len(high)] for high, _low in self._runs]
        for part in range(count):
            rows = [slice(cut[part], cut[part + 1]) for cut in cuts]
            if rows:
                yield Identities(
                    np.concatenate([run[0][row] for run, row in zip(self._runs, rows, strict=True)]),
                    np.concatenate([run[1][row] for run, row in zip(self._runs, rows, strict=True)]),
                )

    def _write(self) -> None:
        if not sum(map(len, self._waiting)):
            return
        high = np.concatenate([each.high for each in self._waiting])
        low = np.concatenate([each.low for each in self._waiting])
        self._waiting, order = [], np.lexsort((low, high))
        run = (self._kept(high[order]), self._kept(low[order]))
        self._runs.append(run)
        self._rows += len(high)

    def _kept(self, values: Hashes) -> Hashes:
        path = self._folder / f"{uuid4().hex}.run"
        values.tofile(path)
        return np.memmap(path, dtype=np.uint64, mode="r", shape=values.shape)
