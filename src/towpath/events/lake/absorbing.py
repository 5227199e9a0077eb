"""The body takes an import: what is new goes in, as one commit, or the lake stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from towpath.events.lake.duck import show_files
from towpath.events.lake.errors import explaining_full_disk
from towpath.events.lake.index import Identities, IdentityIndex, identities
from towpath.events.lake.intents import clear_intents, intending
from towpath.events.lake.known import catch_up
from towpath.events.lake.log import Change, EventLog, Turn, files_of
from towpath.events.lake.merging import BATCH_ROWS, Merger, sorting
from towpath.events.lake.moves import Forgotten, KeyTargets
from towpath.events.lake.rewriting import INTENTS, Body, check_sum, paths_of, plan_month, write_months
from towpath.events.lake.staging import ORDINAL, Staging

_FULL_ADVICE = (
    "The lake is as it was before. Free some space (twice the size of the months that the import touches), "
    "then start the same import again: what was read is kept."
)
_ORDINALS = pa.schema([pa.field(ORDINAL, pa.int64())])


@dataclass(frozen=True)
class Absorbed:
    """What an import brought, all its parts together.

    `written`: its rows in the body; `already_there`: its other rows, known before or repeated within it;
    `months`: those that changed ("2011-10", UTC), oldest first.
    """

    written: int
    already_there: int
    months: tuple[str, ...]


def absorb(body: Body, staging: Staging, targets: KeyTargets, forgotten: Forgotten) -> Absorbed:
    """Under both locks. Killed anywhere and run again, it neither loses nor doubles."""
    with explaining_full_disk(body.log.store.uri, _FULL_ADVICE):
        clear_intents(body.log, INTENTS)
        staging.flush()
        written, months = _brought(body.log, staging)
        if staging.rows:
            catch_up(body.index, body.log)
            written, months = _take(body, staging, (targets, forgotten), (written, months))
    staging.discard()
    return Absorbed(written, max(staging.rows - written, 0), months)


def _brought(log: EventLog, staging: Staging) -> tuple[int, tuple[str, ...]]:
    """Rows and months of the commits that the import has made already."""
    turns = log.turns(staging.import_id)
    note = log.note(Turn(staging.import_id, turns)) if turns else {}
    return note.get("written", 0), tuple(note.get("months", ()))


def _take(
    body: Body,
    staging: Staging,
    whose: tuple[KeyTargets, Forgotten],
    before: tuple[int, tuple[str, ...]],
) -> tuple[int, tuple[str, ...]]:
    written, months = before
    targets, forgotten = whose
    log = body.log
    files = files_of(log.open())
    with _merger(body, staging, targets) as rows:
        left_out, fresh = leave_out_known(rows.connection, staging, body.index)
        new = staging.rows - left_out - leave_out_forgotten(rows.connection, staging, forgotten)
        if not new:
            return written, months
        plans = [plan for month in rows.months if (plan := plan_month(rows, month, files, body.bucket_rows))]
        turn = Turn(staging.import_id, log.turns(staging.import_id) + 1)
        written, months = written + new, tuple(sorted({*months, *(plan.month for plan in plans)}))
        with intending(log, INTENTS, turn, lambda token: paths_of(plans, token)) as token:
            added, removed = write_months(log.store, rows, plans, token)
            check_sum(added, removed, new)
            version = log.commit(Change(turn, added, removed, {"written": written, "months": list(months)}))
        body.index.add(fresh, version)
    return written, months


@contextmanager
def _merger(body: Body, staging: Staging, targets: KeyTargets) -> Iterator[Merger]:
    staged = staging.months()
    with sorting(body.memory, staging.path / "spill") as connection:
        connection.register("targets", pa.table({"own": targets.own, "today": targets.key}))

        def incoming(month: str) -> str:
            show_files(connection, "staged", staged[month])
            return (
                "select * exclude (ordinal, own, today) replace (coalesce(today, key) as key) "
                "from staged anti join left_out using (ordinal) left join targets on own = key"
            )

        yield Merger(connection, body.log.store, tuple(staged), incoming)


def leave_out_known(
    connection: duckdb.DuckDBPyConnection, staging: Staging, index: IdentityIndex
) -> tuple[int, list[Identities]]:
    """Find rows whose (source, id) came earlier in the import, or is in the lake: the table `left_out`.

    Returns their number, and the identities of the others.
    """
    run = connection.execute
    staged: list[Path] = [file for files in staging.months().values() for file in files]
    show_files(connection, "staged", staged)
    run("create temp table named as select source, id, ordinal from staged")
    run("create temp table firsts as select source, id, min(ordinal) as ordinal from named group by all")
    run("create temp table left_out as select ordinal from named anti join firsts using (ordinal)")
    run("drop table named")
    new: list[Identities] = []
    seen = [_ORDINALS.empty_table()]
    for batch in connection.sql("from firsts").to_arrow_reader(BATCH_ROWS * 8):
        found = identities(batch.column("source"), batch.column("id"))
        known = index.known(found)
        new.append(found.take(~known))
        seen.append(pa.table([batch.column("ordinal").filter(pa.array(known))], schema=_ORDINALS))
    connection.register("seen", pa.concat_tables(seen))
    run("insert into left_out from seen")
    run("drop table firsts")
    return len(connection.table("left_out")), new


def leave_out_forgotten(connection: duckdb.DuckDBPyConnection, staging: Staging, forgotten: Forgotten) -> int:
    """Find further rows, of those who were forgotten; returns their number."""
    if not forgotten.until:
        return 0
    show_files(connection, "staged", [file for files in staging.months().values() for file in files])
    own = connection.sql("select distinct key from staged").to_arrow_table()["key"].to_numpy()
    connection.register("forgotten", forgotten.among(own))
    found = connection.sql(
        "select ordinal from staged join forgotten on key = own and epoch_us(time) <= until "
        "anti join left_out using (ordinal)"
    ).to_arrow_table()
    connection.register("forgotten_rows", found)
    connection.execute("insert into left_out from forgotten_rows")
    return len(found)
