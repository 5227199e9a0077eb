"""Making files of the body anew: which buckets of which months, and their rows in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake.errors import LakeError
from towpath.events.lake.index import IdentityIndex
from towpath.events.lake.intents import intending
from towpath.events.lake.layout import EventFile, bucket_bounds, buckets_of, event_path
from towpath.events.lake.log import Change, EventLog, Turn, of_month
from towpath.events.lake.merging import Merger
from towpath.events.lake.reading import Wanted
from towpath.events.lake.storage import Store
from towpath.events.lake.writing import EventWriter

INTENTS = "_intents/body"
Committing = Callable[[], AbstractContextManager[None]]
"""Takes the writer's lock, for a commit alone."""


@dataclass(frozen=True)
class Body:
    """What those who rewrite the body work with. A month of fewer than `bucket_rows` lies in one bucket."""

    log: EventLog
    index: IdentityIndex
    bucket_rows: int
    memory: str


@dataclass(frozen=True)
class MonthPlan:
    """The `buckets` (of `of`) of a month to write, from incoming rows and those of the files `old`."""

    month: str
    of: int
    buckets: tuple[int, ...]
    old: tuple[EventFile, ...]


def plan_month(
    rows: Merger,
    month: str,
    body: Sequence[EventFile],
    bucket_rows: int,
    leaving: frozenset[str] = frozenset(),
) -> MonthPlan | None:
    """Those with incoming rows, or with rows that leave (`leaving`: paths of their files); all buckets when
    the month needs more of them; None for a month that stays as it is."""
    old = of_month(body, month)
    already = old[0].of if old else 1
    new = int(rows.new_buckets(month, 1)[0])
    gone = {file.bucket for file in old if file.path in leaving}
    if not new and not gone:
        return None
    of = max(already, buckets_of(new + sum(file.rows for file in old), bucket_rows))
    if of != already:
        return MonthPlan(month, of, tuple(range(of)), old)
    touched = sorted({int(bucket) for bucket in np.flatnonzero(rows.new_buckets(month, of))} | gone)
    return MonthPlan(month, of, tuple(touched), tuple(file for file in old if file.bucket in touched))


def paths_of(plans: Sequence[MonthPlan], token: str) -> list[str]:
    """Every file that carrying out these plans may write."""
    return [event_path(plan.month, bucket, plan.of, token) for plan in plans for bucket in plan.buckets]


def write_months(
    store: Store, rows: Merger, plans: Sequence[MonthPlan], token: str
) -> tuple[tuple[EventFile, ...], tuple[EventFile, ...]]:
    """Write the planned files durably; returns them, and those whose place they take."""
    added = tuple(file for plan in plans for file in _write(store, rows, plan, token))
    store.sync(file.path for file in added)
    return added, tuple(file for plan in plans for file in plan.old)


def check_sum(added: Sequence[EventFile], removed: Sequence[EventFile], new: int) -> None:
    """The last look before what is there is replaced: no event may be missing or doubled."""
    written, expected = sum(file.rows for file in added), sum(file.rows for file in removed) + new
    if written != expected:
        raise LakeError(
            f"Merging gave {written} events where {expected} were expected; nothing was changed. "
            "This is a mistake of Towpath: please report it with the size of the months concerned."
        )


def commit_elsewhere(body: Body, committing: Committing, change: Change) -> None:
    """Commit what brings no new event, so that the index, where it was whole, still is."""
    with committing():
        version = body.log.commit(change)
        body.index.reload()
        if body.index.version == version - 1:
            body.index.mark(version)


def rewrite_files(
    body: Body,
    writer: str,
    files: Sequence[EventFile],
    rest: Callable[[pa.Table, EventFile], pa.Table],
    *,
    gone: int,
    committing: Committing,
) -> None:
    """Make files anew from what `rest` leaves of their rows, which keep their order; as one commit.

    `gone`: how many rows that takes away, counted before. Raises `LakeError` where it comes out otherwise.
    """
    log = body.log
    turn = Turn(writer, log.turns(writer) + 1)
    with intending(log, INTENTS, turn, lambda token: _anew(files, token)) as token:
        made = (_filtered(log.store, file, rest, f"{token}-{at}") for at, file in enumerate(files))
        added = tuple(file for file in made if file is not None)
        check_sum(added, files, -gone)
        log.store.sync(file.path for file in added)
        commit_elsewhere(body, committing, Change(turn, added, tuple(files), {}, new_events=False))


def rows_of(store: Store, file: EventFile) -> Iterator[pa.Table]:
    """All rows of a file (EVENT_SCHEMA), a row group at a time."""
    names = EVENT_SCHEMA.names
    for group in range(store.footer(file.path).metadata.num_row_groups):
        yield Wanted(tuple(names)).typed(store.read(file.path, [group], names, ()), names)


def _anew(files: Sequence[EventFile], token: str) -> list[str]:
    return [event_path(file.month, file.bucket, file.of, f"{token}-{at}") for at, file in enumerate(files)]


def _filtered(
    store: Store, file: EventFile, rest: Callable[[pa.Table, EventFile], pa.Table], token: str
) -> EventFile | None:
    """The file made anew; None where nothing of it is left."""
    with ExitStack() as open_files:
        writer: EventWriter | None = None
        for rows in rows_of(store, file):
            for batch in rest(rows, file).combine_chunks().to_batches():
                if writer is None:
                    new = EventWriter(store, file.month, file.bucket, file.of, token)
                    writer = open_files.enter_context(new)
                writer.append(batch)
        return writer.finish() if writer else None


def _write(store: Store, rows: Merger, plan: MonthPlan, token: str) -> list[EventFile]:
    """Write a month's sorted rows into its buckets, which follow one another."""
    files: list[EventFile] = []
    with ExitStack() as open_files:
        writer: EventWriter | None = None
        for bucket, batch in _by_bucket(rows.sorted_rows(plan.month, plan.old), plan.of):
            if writer is None or writer.bucket != bucket:
                files += [writer.finish()] if writer else []
                writer = open_files.enter_context(EventWriter(store, plan.month, bucket, plan.of, token))
            writer.append(batch)
        files += [writer.finish()] if writer else []
    return files


def _by_bucket(batches: Iterator[pa.RecordBatch], of: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    bounds = bucket_bounds(of)
    for batch in batches:
        keys = batch.column("key").to_numpy()
        cuts = [0, *np.searchsorted(keys, bounds), len(keys)]
        for bucket, (start, end) in enumerate(pairwise(cuts)):
            if end > start:
                yield bucket, batch.slice(start, end - start)
