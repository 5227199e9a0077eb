"""Compaction: the tail's events move into the body, and events whose customer changed move to their new key.

The long part, reading and sorting, goes on beside the flushes; only the commit excludes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pyarrow as pa

from towpath.events.envelope import EVENT_SCHEMA, SORT_ORDER
from towpath.events.lake.duck import show_events
from towpath.events.lake.errors import explaining_full_disk
from towpath.events.lake.intents import clear_intents, intending
from towpath.events.lake.layout import KEY_MAX, KEY_MIN, TAIL, EventFile, event_path
from towpath.events.lake.log import Change, Turn, files_of
from towpath.events.lake.merging import Merger, sorting
from towpath.events.lake.moves import NO_MOVES, Moves
from towpath.events.lake.reading import Wanted, read_keys, read_range
from towpath.events.lake.rewriting import (
    INTENTS,
    Body,
    Committing,
    check_sum,
    commit_elsewhere,
    paths_of,
    plan_month,
    write_months,
)
from towpath.events.lake.storage import Store
from towpath.events.lake.writing import EventWriter

WRITER = "compaction"
TAIL_FILES = 64
TAIL_ROWS = 2_000_000
"""A longer tail makes readers wait."""
TAIL_AGE = timedelta(minutes=30)
TAIL_LONGEST = timedelta(days=1)
"""What is older than the first moves on where that is worth it, what is older than the second in any case."""
WORTH = 20
"""Rewriting is worth it where at least one row in so many comes from the tail; else the disk fills."""
FOLDED_ROWS = 100_000
"""Files of the tail with fewer rows are put into one when there are many."""

_FULL_ADVICE = "The lake is as it was before. Free some space: compaction then goes on by itself."


@dataclass(frozen=True)
class Compacted:
    """What moved: rows of the tail, and rows of the body that went to another key."""

    from_tail: int
    moved: int


def due(
    files: Sequence[EventFile], now: datetime, tail_files: int = TAIL_FILES
) -> Literal["compact", "fold"] | None:
    """What is worth doing: rewriting the months that the tail touches, or only making its files fewer."""
    tail = [file for file in files if file.in_tail]
    rows = sum(file.rows for file in tail)
    if not tail:
        return None
    age = now - min(file.written_at for file in tail)
    long = len(tail) >= tail_files
    worth = rows * WORTH >= _touched(files, tail)
    if rows >= TAIL_ROWS or age >= TAIL_LONGEST or (worth and (long or age >= TAIL_AGE)):
        return "compact"
    return "fold" if long else None


def _touched(files: Sequence[EventFile], tail: Sequence[EventFile]) -> int:
    """Rows of the body in the months in which the tail has events, or may have."""
    spans = [(f"{file.min_time:%Y-%m}", f"{file.max_time:%Y-%m}") for file in tail]
    return sum(
        file.rows
        for file in files
        if not file.in_tail and any(first <= file.month <= last for first, last in spans)
    )


def fold(body: Body, committing: Committing) -> Compacted:
    """Put the tail's small files into one, still in the tail. Under the body's lock, as `compact`."""
    log = body.log
    with explaining_full_disk(log.store.uri, _FULL_ADVICE):
        with committing():
            clear_intents(log, INTENTS)
            files = files_of(log.open())
        small = tuple(file for file in files if file.in_tail and file.rows < FOLDED_ROWS)
        if len(small) < 2:
            return Compacted(0, 0)
        turn = Turn(WRITER, log.turns(WRITER) + 1)
        with intending(log, INTENTS, turn, lambda token: [event_path(TAIL, 0, 1, token)]) as token:
            one = _folded(log.store, small, token)
            check_sum((one,), small, 0)
            commit_elsewhere(body, committing, Change(turn, (one,), small, {}, new_events=False))
    return Compacted(0, 0)


def _folded(store: Store, small: Sequence[EventFile], token: str) -> EventFile:
    """One file of the tail with the events of several, as old as the oldest of them."""
    wanted, names = Wanted(tuple(EVENT_SCHEMA.names)), EVENT_SCHEMA.names
    runs = read_range(store, small, (KEY_MIN, KEY_MAX), wanted, names)
    rows = pa.concat_tables(runs).sort_by([(name, "ascending") for name in SORT_ORDER])
    with EventWriter(store, TAIL, 0, 1, token) as writer:
        for batch in rows.combine_chunks().to_batches():
            writer.append(batch)
        file = writer.finish()
    store.sync([file.path])
    return replace(file, written_at=min(each.written_at for each in small))


def compact(body: Body, spill: Path, committing: Committing, moves: Moves = NO_MOVES) -> Compacted:
    """Under the body's lock; `committing` takes the writer's for the commit alone.

    Killed anywhere, the lake is as it was or done.
    """
    log = body.log
    with explaining_full_disk(log.store.uri, _FULL_ADVICE):
        # A flush that began under the keys of before is in the table once its lock is free.
        with committing():
            clear_intents(log, INTENTS)
            files = files_of(log.open())
        tail = tuple(file for file in files if file.in_tail)
        moved, sources = _moved(log.store, files, moves)
        if not tail and not len(moved):
            return Compacted(0, 0)
        with _merger(body, spill, tail, moved, moves) as rows:
            leaving = frozenset(sources)
            plans = [
                plan
                for month in rows.months
                if (plan := plan_month(rows, month, files, body.bucket_rows, leaving))
            ]
            turn = Turn(WRITER, log.turns(WRITER) + 1)
            with intending(log, INTENTS, turn, lambda token: paths_of(plans, token)) as token:
                added, removed = write_months(log.store, rows, plans, token)
                check_sum(added, removed, sum(file.rows for file in tail))
                done = Change(turn, added, (*removed, *tail), {}, new_events=False)
                commit_elsewhere(body, committing, done)
    return Compacted(sum(file.rows for file in tail), sum(sources.values()))


def _moved(store: Store, files: Sequence[EventFile], moves: Moves) -> tuple[pa.Table, dict[str, int]]:
    """Events that may have moved, under the keys of today; and how many lie in which file of the body."""
    wanted = Wanted(tuple(EVENT_SCHEMA.names))
    tables, sources = [EVENT_SCHEMA.empty_table()], {}
    for file in files if moves else ():
        runs = read_keys(store, [file], moves.pulled, wanted, EVENT_SCHEMA.names)
        tables += runs
        if runs and not file.in_tail:
            sources[file.path] = sum(len(run) for run in runs)
    found = pa.concat_tables(tables)
    return (moves.applied(found) if len(found) else found), sources


@contextmanager
def _merger(
    body: Body, spill: Path, tail: Sequence[EventFile], moved: pa.Table, moves: Moves
) -> Iterator[Merger]:
    store = body.log.store
    with sorting(body.memory, spill) as connection:
        run = connection.execute
        show_events(connection, "tail", store, tail, EVENT_SCHEMA)
        connection.register("moved", moved)
        connection.register("pulled", pa.table({"key": moves.pulled}))
        run(
            "create temp view arriving as "
            "select *, strftime(make_timestamp(epoch_us(time)), '%Y-%m') as month from "
            "(from tail anti join pulled using (key) union all by name from moved)"
        )
        months = [month for (month,) in run("select distinct month from arriving order by 1").fetchall()]

        def incoming(month: str) -> str:
            return f"select * exclude (month) from arriving where month = '{month}'"  # noqa: S608 (our own)

        yield Merger(connection, store, tuple(months), incoming, "anti join pulled using (key)")
