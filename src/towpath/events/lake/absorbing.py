"""The body takes an import: what is new goes in, as one commit, or the lake stays as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from uuid import uuid4

import numpy as np
import pyarrow as pa

from towpath.events.lake.errors import LakeError, explaining_full_disk
from towpath.events.lake.layout import BodyFile, body_path, bucket_bounds, buckets_of
from towpath.events.lake.log import BodyLog, Change, Turn, files_of, of_month
from towpath.events.lake.merging import Merger, merger
from towpath.events.lake.staging import Staging
from towpath.events.lake.storage import Store
from towpath.events.lake.writing import BodyWriter

_INTENTS = "_intents"
_FULL_ADVICE = (
    "The lake is as it was before. Free some space (twice the size of the months that the import touches), "
    "then start the same import again: what was read is kept."
)


@dataclass(frozen=True)
class Absorbed:
    """What an import brought, all its parts together.

    `written`: its rows in the body; `already_there`: its other rows, known before or repeated within it;
    `months`: those that changed ("2011-10", UTC), oldest first.
    """

    written: int
    already_there: int
    months: tuple[str, ...]


@dataclass(frozen=True)
class _MonthPlan:
    month: str
    of: int
    buckets: tuple[int, ...]
    old: tuple[BodyFile, ...]


def absorb(log: BodyLog, staging: Staging, bucket_rows: int, memory: str) -> Absorbed:
    """Under the writer's lock. Killed anywhere and run again, it neither loses nor doubles."""
    with explaining_full_disk(log.store.uri, _FULL_ADVICE):
        clear_leftovers(log)
        staging.flush()
        before = _brought(log, staging)
        written, months = _take(log, staging, before, bucket_rows, memory) if staging.rows else (0, ())
    total = before.written + written
    result = Absorbed(total, max(staging.rows - total, 0), tuple(sorted({*before.months, *months})))
    staging.discard()
    return result


def clear_leftovers(log: BodyLog) -> None:
    """Remove files that a killed writer left and nobody can see."""
    for path in log.store.names(_INTENTS):
        intent = log.store.read_json(path)
        if isinstance(intent, dict) and log.turns(intent["writer"]) < intent["turn"]:
            log.store.remove(intent["paths"])
        log.store.remove([path])


def _brought(log: BodyLog, staging: Staging) -> Absorbed:
    turns = log.turns(staging.import_id)
    note = log.note(Turn(staging.import_id, turns)) if turns else {}
    return Absorbed(note.get("written", 0), note.get("already_there", 0), tuple(note.get("months", ())))


def _take(
    log: BodyLog, staging: Staging, before: Absorbed, bucket_rows: int, memory: str
) -> tuple[int, tuple[str, ...]]:
    body = files_of(log.open())
    with merger(log.store, staging, memory) as rows:
        new = staging.rows - rows.leave_out_known(body)
        if not new:
            return 0, ()
        plans = [plan for month in rows.staged if (plan := _plan(rows, month, body, bucket_rows))]
        months = tuple(plan.month for plan in plans)
        turn = Turn(staging.import_id, log.turns(staging.import_id) + 1)
        note = {"written": before.written + new, "months": sorted({*before.months, *months})}
        with _intent(log, turn, plans) as token:
            added = tuple(file for plan in plans for file in _write(log.store, rows, plan, token))
            log.store.sync(file.path for file in added)
            removed = tuple(file for plan in plans for file in plan.old)
            _check_sum(added, removed, new)
            log.commit(Change(turn, added, removed, note))
    return new, months


def _check_sum(added: Sequence[BodyFile], removed: Sequence[BodyFile], new: int) -> None:
    """The last look before what is there is replaced: no event may be missing or doubled."""
    written, expected = sum(file.rows for file in added), sum(file.rows for file in removed) + new
    if written != expected:
        raise LakeError(
            f"Merging gave {written} events where {expected} were expected; nothing was changed. "
            "This is a mistake of Towpath: please report it with the size of the file that you imported."
        )


def _plan(rows: Merger, month: str, body: Sequence[BodyFile], bucket_rows: int) -> _MonthPlan | None:
    """Which buckets of a month to write anew: those with new rows; all when the month needs more buckets."""
    old = of_month(body, month)
    already = old[0].of if old else 1
    new = int(rows.new_buckets(month, 1)[0])
    if not new:
        return None
    of = max(already, buckets_of(new + sum(file.rows for file in old), bucket_rows))
    if of != already:
        return _MonthPlan(month, of, tuple(range(of)), old)
    touched = tuple(int(bucket) for bucket in np.flatnonzero(rows.new_buckets(month, of)))
    return _MonthPlan(month, of, touched, tuple(file for file in old if file.bucket in touched))


@contextmanager
def _intent(log: BodyLog, turn: Turn, plans: Sequence[_MonthPlan]) -> Iterator[str]:
    """Note which files are about to be written, so that none stays behind unseen, whatever happens."""
    token = uuid4().hex
    path = f"{_INTENTS}/{token}.json"
    paths = [body_path(plan.month, bucket, plan.of, token) for plan in plans for bucket in plan.buckets]
    log.store.write_json(path, {"writer": turn.name, "turn": turn.number, "paths": paths})
    try:
        yield token
    except Exception:
        # Where even this fails, the note stays and the next writer clears up.
        with suppress(Exception):
            clear_leftovers(log)
        raise
    log.store.remove([path])


def _write(store: Store, rows: Merger, plan: _MonthPlan, token: str) -> list[BodyFile]:
    """Write a month's sorted rows into its buckets, which follow one another."""
    files: list[BodyFile] = []
    with ExitStack() as open_files:
        writer: BodyWriter | None = None
        for bucket, batch in _by_bucket(rows.sorted_rows(plan.month, plan.old), plan.of):
            if writer is None or writer.bucket != bucket:
                files += [writer.finish()] if writer else []
                writer = open_files.enter_context(BodyWriter(store, plan.month, bucket, plan.of, token))
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
