"""Compaction: the tail's events move into the body, and events whose customer changed move to their new key.

The long part, reading and sorting, goes on beside the flushes; only the commit excludes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake.duck import show_events
from towpath.events.lake.errors import explaining_full_disk
from towpath.events.lake.intents import clear_leftovers, intending
from towpath.events.lake.layout import EventFile
from towpath.events.lake.log import Change, Turn, files_of
from towpath.events.lake.merging import Merger, sorting
from towpath.events.lake.moves import NO_MOVES, Moves
from towpath.events.lake.reading import Wanted, read_keys
from towpath.events.lake.rewriting import INTENTS, Body, check_sum, paths_of, plan_month, write_months
from towpath.events.lake.storage import Store

WRITER = "compaction"
TAIL_FILES = 64
TAIL_ROWS = 2_000_000
"""A longer tail makes readers wait."""
TAIL_AGE = timedelta(minutes=30)
"""What is older moves on although it is little."""

_FULL_ADVICE = "The lake is as it was before. Free some space: compaction then goes on by itself."


@dataclass(frozen=True)
class Compacted:
    """What moved: rows of the tail, and rows of the body that went to another key."""

    from_tail: int
    moved: int


def due(files: Sequence[EventFile], now: datetime, tail_files: int = TAIL_FILES) -> bool:
    """Whether the tail is long, or old, enough to be worth rewriting the months it touches."""
    tail = [file for file in files if file.in_tail]
    rows = sum(file.rows for file in tail)
    if not tail:
        return False
    if len(tail) >= tail_files or rows >= TAIL_ROWS:
        return True
    return now - min(file.written_at for file in tail) >= TAIL_AGE


def compact(
    body: Body, spill: Path, committing: Callable[[], AbstractContextManager[None]], moves: Moves = NO_MOVES
) -> Compacted:
    """Under the body's lock; `committing` takes the writer's for the commit alone.

    Killed anywhere, the lake is as it was or done.
    """
    log = body.log
    with explaining_full_disk(log.store.uri, _FULL_ADVICE):
        # A flush that began under the keys of before is in the table once its lock is free.
        with committing():
            clear_leftovers(log, INTENTS)
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
                with committing():
                    version = log.commit(Change(turn, added, (*removed, *tail), {}, new_events=False))
                    body.index.reload()
                    if body.index.version == version - 1:
                        body.index.mark(version)
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
