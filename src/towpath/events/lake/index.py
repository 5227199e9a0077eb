"""Which identities (source, id) the lake knows: sorted runs of 128-bit hashes, memory-mapped.

    <folder>/manifest.json          version of the lake that is covered, names and sizes of the runs
    <folder>/<run>.high, .low       the two halves of the hashes (uint64), in the order of the high ones

The index is a copy of what the lake's files say: lost or behind, it is made again from them (`catch_up`).
The second half stands in for a look at the stored id, which would make a repeated batch dearer than a fresh
one; docs/decisions/0005 tells why that is safe.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from towpath.events.lake.durability import sync_path, write_durably
from towpath.events.lake.errors import LakeError
from towpath.events.lake.searching import first_places

Hashes = npt.NDArray[np.uint64]
Bool = npt.NDArray[np.bool_]

MERGED_AT_ONCE = 4_000_000
"""Runs that together hold more are merged by `tidy`, beside the flushes, not within one."""
PIECE = 1_000_000
"""Hashes of each run that a merge holds in memory at a time, about."""
LEFT_FOR_S = 24 * 3600
_BETWEEN = "\x00"
_ALL = (1 << 64) - 1


@dataclass(frozen=True)
class Identities:
    """Hashes of identities, in two halves of equal length, row by row."""

    high: Hashes
    low: Hashes

    def __len__(self) -> int:
        return len(self.high)

    def take(self, rows: npt.NDArray[np.int64] | Bool) -> Identities:
        return Identities(self.high[rows], self.low[rows])

    def firsts(self) -> Bool:
        """Which rows are the first of their identity."""
        highs = np.sort(self.high)
        if not (highs[1:] == highs[:-1]).any():
            return np.ones(len(self), np.bool_)
        order = np.lexsort((np.arange(len(self)), self.low, self.high))
        high, low = self.high[order], self.low[order]
        first = np.ones(len(self), np.bool_)
        first[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        found = np.zeros(len(self), np.bool_)
        found[order] = first
        return found


def identities(sources: pa.ChunkedArray | pa.Array, ids: pa.ChunkedArray | pa.Array) -> Identities:
    """Hashes of (source, id), row by row. No text holds a NUL, so the pair cannot be mistaken."""
    named = pc.binary_join_element_wise(sources.cast(pa.string()), ids.cast(pa.string()), _BETWEEN)
    digests = b"".join(map(xxhash.xxh3_128_digest, named.cast(pa.binary()).to_pylist()))
    halves = np.frombuffer(digests, dtype=">u8").reshape(-1, 2).astype(np.uint64)
    return Identities(np.ascontiguousarray(halves[:, 0]), np.ascontiguousarray(halves[:, 1]))


@dataclass(frozen=True)
class Run:
    """Sorted hashes in two files."""

    name: str
    rows: int
    high: Hashes = field(repr=False, compare=False)
    low: Hashes = field(repr=False, compare=False)

    def holds(self, wanted: Identities) -> Bool:
        """Which of `wanted` (ascending by `high`: then the pages of the run are met in order) it has."""
        at = first_places(self.high, wanted.high)
        found = np.zeros(len(wanted), np.bool_)
        open_ = at < self.rows
        while open_.any():
            rows = np.flatnonzero(open_)
            same = self.high[at[rows]] == wanted.high[rows]
            rows = rows[same]
            found[rows] |= self.low[at[rows]] == wanted.low[rows]
            at[rows] += 1
            open_ = np.zeros_like(open_)
            open_[rows] = ~found[rows] & (at[rows] < self.rows)
        return found


def in_order(given: Iterable[Identities]) -> Run:
    """All of them in memory, ascending, each once."""
    parts = list(given)
    empty = np.empty(0, np.uint64)
    every = Identities(
        np.concatenate([empty, *(each.high for each in parts)]),
        np.concatenate([empty, *(each.low for each in parts)]),
    )
    ordered = _sorted(every) if len(every) else every
    return Run("", len(ordered), ordered.high, ordered.low)


class IdentityIndex:
    """The index in `folder` (local). Only who holds the writer's lock changes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, Run] = {}
        self.version = -1
        """Newest version of the lake whose events are all here; -1 for none."""
        self.runs: tuple[Run, ...] = ()

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def rows(self) -> int:
        return sum(run.rows for run in self.runs)

    def reload(self) -> None:
        """See what another process may have changed. A manifest that makes no sense counts as none.

        Raises OSError where the machine is in trouble: that is no reason to begin anew.
        """
        try:
            saved = json.loads((self._folder / "manifest.json").read_bytes())
            runs = tuple(self._run(name, rows) for name, rows in saved["runs"])
            version = int(saved["version"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            runs, version = (), -1
        self.runs, self.version = runs, version
        self._open = {run.name: run for run in runs}

    def reload_whole(self) -> bool:
        """The same, and whether everything that the manifest names could be read."""
        for _again in range(3):  # another process may take a merged run away between manifest and run
            self.reload()
            if self.version >= 0:
                return True
        return not (self._folder / "manifest.json").exists()

    def salvage(self) -> None:
        """Keep the runs that are whole, as if the manifest named them alone and covered nothing.

        What retention took out of the lake is known from here only; so a rebuild begins with this.
        """
        whole = []
        for file in sorted(self._folder.glob("*.high")):
            try:
                whole.append(self._run(file.stem, file.stat().st_size // 8))
            except (ValueError, OSError):
                continue
        self._save(whole, -1)

    def known(self, wanted: Identities) -> Bool:
        """Which of these identities the lake has."""
        order = np.argsort(wanted.high, kind="stable")
        ascending = wanted.take(order)
        found = np.zeros(len(wanted), np.bool_)
        for run in self.runs:
            left = np.flatnonzero(~found)
            found[left] = run.holds(ascending.take(left))
        known = np.empty_like(found)
        known[order] = found
        return known

    def add(self, new: Iterable[Identities], version: int) -> None:
        """Note identities and that everything up to `version` of the lake is here now. Durable on return."""
        runs = list(self.runs)
        for each in new:
            if len(each):
                runs.append(self._write([_sorted(each)]))
        passing: list[Run] = []
        while len(runs) > 1 and _worth_merging(runs[-2], runs[-1]):
            passing += runs[-2:]
            runs[-2:] = [self._write(_merged(runs[-2:]))]
        self._save(runs, version)
        for run in passing:
            for file in self._files(run.name):
                file.unlink(missing_ok=True)

    def drop(self, gone: Run) -> None:
        """Know these no more, so that they may come again. Durable on return."""
        runs, passing = [], []
        for run in self.runs:
            first, last = (np.searchsorted(run.high, gone.high, side) for side in ("left", "right"))
            near = [np.arange(one, two) for one, two in zip(first, last, strict=True) if two > one]
            rows = np.unique(np.concatenate([np.empty(0, np.int64), *near]))
            rows = rows[gone.holds(Identities(run.high[rows], run.low[rows]))]
            if not len(rows):
                runs.append(run)
                continue
            passing.append(run)
            if len(rows) < run.rows:
                runs.append(self._write([Identities(np.delete(run.high, rows), np.delete(run.low, rows))]))
        self._save(runs, self.version)
        for run in passing:
            for file in self._files(run.name):
                file.unlink(missing_ok=True)

    def paths(self) -> list[Path]:
        """The files that make it up, for who keeps it from changing (writer's lock); none without any."""
        self.reload()
        manifest = self._folder / "manifest.json"
        runs = [file for run in self.runs for file in self._files(run.name)]
        return [manifest, *runs] if manifest.exists() else []

    def mark(self, version: int) -> None:
        """Note that a version brought no new identities."""
        self._save(list(self.runs), version)

    def forget_all(self) -> None:
        """Begin anew, for a rebuild."""
        self._save([], -1)

    def large_merge(self) -> tuple[tuple[Run, ...], Run] | None:
        """Merge neighbouring runs too large for `add`, beside the flushes: what was merged, and into what.

        Nothing changes before `replace`, under the writer's lock.
        """
        for one, two in zip(self.runs, self.runs[1:], strict=False):
            if one.rows <= 2 * two.rows and one.rows + two.rows > MERGED_AT_ONCE:
                return (one, two), self._write(_merged([one, two]))
        return None

    def replace(self, old: tuple[Run, ...], new: Run) -> None:
        """Put the result of `large_merge` in the place of what it was made from."""
        self.reload()
        names = [run.name for run in self.runs]
        if [run.name for run in old] != names[names.index(old[0].name) :][: len(old)]:
            raise LakeError("The index of identities changed while its runs were merged; try again.")
        at = names.index(old[0].name)
        runs = list(self.runs)
        runs[at : at + len(old)] = [new]
        self._save(runs, self.version)

    def _run(self, name: str, rows: int) -> Run:
        for file in self._files(name):
            # Also of a run that is open: what was deleted meanwhile is there for this process alone.
            if file.stat().st_size != rows * 8:
                raise ValueError(f"{file} is not whole")
        if name in self._open:
            return self._open[name]
        high, low = (np.memmap(file, dtype=np.uint64, mode="r", shape=(rows,)) for file in self._files(name))
        return Run(name, rows, high, low)

    def _write(self, pieces: Iterable[Identities]) -> Run:
        self._folder.mkdir(parents=True, exist_ok=True)
        name, rows = uuid4().hex, 0
        high_file, low_file = self._files(name)
        with high_file.open("wb") as high, low_file.open("wb") as low:
            for piece in pieces:
                high.write(piece.high.tobytes())
                low.write(piece.low.tobytes())
                rows += len(piece)
        sync_path(high_file)
        sync_path(low_file)
        return self._run(name, rows)

    def _save(self, runs: list[Run], version: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        told = {"version": version, "runs": [[run.name, run.rows] for run in runs]}
        write_durably(self._folder / "manifest.json", json.dumps(told).encode())
        named = {run.name for run in runs}
        for replaced in (run for run in self.runs if run.name not in named):
            for file in self._files(replaced.name):
                file.unlink(missing_ok=True)
        self.runs, self.version = tuple(runs), version
        self._open = {run.name: run for run in runs}

    def clear_unnamed_runs(self) -> None:
        """Remove files of runs that no manifest names, and that no merge can still be writing."""
        kept = {run.name for run in self.runs}
        for file in self._folder.glob("*.*"):
            stale = file.stat().st_mtime < time.time() - LEFT_FOR_S
            if file.suffix in (".high", ".low") and file.stem not in kept and stale:
                file.unlink(missing_ok=True)

    def _files(self, name: str) -> tuple[Path, Path]:
        return self._folder / f"{name}.high", self._folder / f"{name}.low"


def _worth_merging(older: Run, newer: Run) -> bool:
    return older.rows <= 2 * newer.rows and older.rows + newer.rows <= MERGED_AT_ONCE


def _sorted(given: Identities) -> Identities:
    """Ascending, each identity once."""
    # A stable sort merges runs that are sorted already; only equal upper halves need the lower ones.
    ordered = given.take(np.argsort(given.high, kind="stable"))
    if not (ordered.high[1:] == ordered.high[:-1]).any():
        return ordered
    ordered = given.take(np.lexsort((given.low, given.high)))
    fresh = np.ones(len(ordered), np.bool_)
    fresh[1:] = (ordered.high[1:] != ordered.high[:-1]) | (ordered.low[1:] != ordered.low[:-1])
    return ordered.take(fresh)


def _merged(runs: Sequence[Run]) -> Iterable[Identities]:
    """The union of runs, ascending, a range of hashes at a time (they are spread evenly)."""
    count = max(1, max(run.rows for run in runs) // PIECE)
    bounds = [np.uint64(_ALL * part // count) for part in range(1, count)]
    cuts = [[0, *np.searchsorted(run.high, bounds).tolist(), run.rows] for run in runs]
    for part in range(count):
        slices = [(run, slice(cut[part], cut[part + 1])) for run, cut in zip(runs, cuts, strict=True)]
        yield _sorted(
            Identities(
                np.concatenate([run.high[rows] for run, rows in slices]),
                np.concatenate([run.low[rows] for run, rows in slices]),
            )
        )
