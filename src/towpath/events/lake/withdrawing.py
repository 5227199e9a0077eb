"""Taking back what a source no longer says: events of cases whose whole history came anew without them.

Unlike what retention or a forgetting takes out, these may come again, when the source says them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xxhash

from towpath.events.lake.errors import explaining_full_disk
from towpath.events.lake.index import Identities, Run, identities, in_order
from towpath.events.lake.intents import clear_intents
from towpath.events.lake.known import catch_up
from towpath.events.lake.layout import EventFile
from towpath.events.lake.log import files_of
from towpath.events.lake.rewriting import INTENTS, Body, rewrite_files

WRITER = "withdrawing"
_COLUMNS = ["source", "id", "ticket", "case"]
_FULL_ADVICE = "Nothing was taken back. Free some space, then import the file again."
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Told:
    """What an import says: `events` of the histories of `cases` (hashes, ascending), by `sources`."""

    sources: frozenset[str]
    cases: npt.NDArray[np.uint64]
    events: Run

    def gone(self, rows: pa.Table) -> Bool:
        """Which rows (_COLUMNS) are of these cases, and are said no more."""
        of_source = np.asarray(pc.is_in(rows["source"], pa.array(sorted(self.sources), pa.string())))
        found = np.zeros(len(rows), np.bool_)
        at = np.flatnonzero(of_source)
        if not len(at):
            return found
        at = at[np.isin(_cases(rows.take(at)), self.cases, kind="sort")]
        named = rows.take(at)
        said = identities(named["source"], named["id"])
        order = np.argsort(said.high, kind="stable")
        found[at[order]] = ~self.events.holds(said.take(order))
        return found


@dataclass(frozen=True)
class Withdrawn:
    """How many events were taken back, and the months that changed ("2011-10", UTC)."""

    events: int = 0
    months: tuple[str, ...] = ()


def told_by(files: Iterable[Path], but: frozenset[str]) -> Told:
    """What staged files say, without the cases called `but`."""
    sources: set[str] = set()
    cases: list[npt.NDArray[np.uint64]] = []
    said: list[Identities] = []
    for file in files:
        rows = pq.read_table(file, columns=_COLUMNS)
        names = pc.fill_null(pc.coalesce(rows["ticket"], rows["case"]), "")
        left = pc.is_in(names, pa.array(["", *sorted(but)], pa.string()))
        rows = rows.filter(pc.invert(left))
        sources.update(pc.unique(rows["source"]).to_pylist())
        cases.append(np.unique(_cases(rows)))
        said.append(identities(rows["source"], rows["id"]))
    distinct = np.unique(np.concatenate(cases)) if cases else np.empty(0, np.uint64)
    return Told(frozenset(sources), distinct, in_order(said))


def withdraw(body: Body, told: Told) -> Withdrawn:
    """Under both locks. Killed anywhere, the lake is as it was or done; the same again finishes."""
    log = body.log
    with explaining_full_disk(log.store.uri, _FULL_ADVICE):
        clear_intents(log, INTENTS)
        catch_up(body.index, log)
        going = {file: found for file in files_of(log.open()) if (found := _going(body, file, told)).rows}
        if not going:
            return Withdrawn()
        count = sum(each.rows for each in going.values())
        rewrite_files(
            body,
            WRITER,
            list(going),
            lambda rows, _file: rows.filter(pa.array(~told.gone(rows))),
            gone=count,
            committing=nullcontext,
        )
        body.index.drop(in_order(Identities(each.high, each.low) for each in going.values()))
    return Withdrawn(count, tuple(sorted({file.month for file in going if not file.in_tail})))


def _going(body: Body, file: EventFile, told: Told) -> Run:
    store, found = body.log.store, list[Identities]()
    if not told.sources & set(store.footer(file.path).sources):
        return in_order([])
    for group in range(store.footer(file.path).metadata.num_row_groups):
        rows = store.read(file.path, [group], _COLUMNS, ())
        gone = rows.filter(pa.array(told.gone(rows)))
        found.append(identities(gone["source"], gone["id"]))
    return in_order(found)


def _cases(rows: pa.Table) -> npt.NDArray[np.uint64]:
    """A hash of each row's source and ticket (its case, where it names none)."""
    named = pc.binary_join_element_wise(
        rows["source"], pc.fill_null(pc.coalesce(rows["ticket"], rows["case"]), ""), "\x00"
    )
    encoded = pc.dictionary_encode(named).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    texts = encoded.dictionary.to_pylist()
    hashes = np.fromiter((xxhash.xxh3_64_intdigest(each.encode()) for each in texts), np.uint64, len(texts))
    found: npt.NDArray[np.uint64] = hashes[encoded.indices.to_numpy()]
    return found
