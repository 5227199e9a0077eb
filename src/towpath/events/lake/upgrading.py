"""From a lake of an older format to today's.

Format 1 was a table `body` beside which nothing lay; in format 2 the same files are part of the table
`events`. So the folder gets the new name, an empty table of format 2 takes the old one (an older Towpath then
refuses, instead of beginning anew there), and last of all the number of the format is raised. Killed between
any two of these, the same again goes on.
"""

from __future__ import annotations

import shutil

from deltalake import DeltaTable

from towpath.events.lake.durability import sync_path
from towpath.events.lake.errors import LakeError
from towpath.events.lake.known import catch_up
from towpath.events.lake.layout import LAKE_FORMAT, PARTITIONS, TABLE_SCHEMA
from towpath.events.lake.log import CONFIGURATION, FORMAT_KEY, EventLog, too_old
from towpath.events.lake.rewriting import Body
from towpath.events.lake.storage import Store

_BEFORE = "body"
_REPLACED = "events.replaced"


class CannotUpgrade(LakeError):
    """The lake is of an older format, and must be brought to today's by hand; the text says how."""


def check_older(log: EventLog) -> None:
    """Raises `LakeTooOld` where events lie beside the place at which today's format has them."""
    written = _format_of(_before(log.store))
    if written is not None and written < LAKE_FORMAT:
        raise too_old(log.store.uri.rpartition("/")[0], written)


def steps(log: EventLog) -> list[str]:
    """What `upgrade` would do, in words; nothing where the lake is as it should be, or where there is none.

    Raises `CannotUpgrade`.
    """
    before = _before(log.store)
    written, now = _format_of(before), _format_of(log.store)
    told: list[str] = []
    if written is not None and written < LAKE_FORMAT and (now is None or now >= LAKE_FORMAT):
        _check_movable(log, before)
        told.append(f"the folder {before.local} becomes {log.store.local}")
        now = written
    if now is not None and now < LAKE_FORMAT:
        told.append(f"the lake is marked with format {LAKE_FORMAT} (it has {now})")
        told.append("the index of known identities is made")
    return told


def upgrade(body: Body) -> None:
    """Carry out the `steps`. Under both locks."""
    log = body.log
    if not steps(log):
        return
    body.index.reload()
    body.index.forget_all()
    before = _before(log.store)
    written, now = _format_of(before), _format_of(log.store)
    if written is not None and written < LAKE_FORMAT and (now is None or now >= LAKE_FORMAT):
        _move(before, log.store)
    _keep_older_out(before)
    table = _table(log.store)
    table.alter.set_table_properties(CONFIGURATION, raise_if_not_exists=False)
    catch_up(body.index, log)


def _before(store: Store) -> Store:
    return Store(f"{store.uri.rpartition('/')[0]}/{_BEFORE}", store.options)


def _table(store: Store) -> DeltaTable:
    return DeltaTable(store.uri, storage_options=dict(store.options) or None)


def _format_of(store: Store) -> int | None:
    """Format of the table there; None for none."""
    if not DeltaTable.is_deltatable(store.uri, dict(store.options) or None):
        return None
    return int(_table(store).metadata().configuration.get(FORMAT_KEY, LAKE_FORMAT))


def _check_movable(log: EventLog, before: Store) -> None:
    if before.local is None:
        raise CannotUpgrade(
            f"The lake lies in an object store, where folders cannot get another name. Copy all "
            f"of {before.uri} to {log.store.uri} with the store's own tools, then run `towpath upgrade`."
        )
    if log.exists() and _table(log.store).count():
        raise CannotUpgrade(
            f"Events lie both in {before.local} (format 1) and in {log.store.local}: an import went beside "
            f"the old lake. Move {log.store.local} to another place, run `towpath upgrade`, then import "
            "again what was imported since."
        )


def _move(before: Store, after: Store) -> None:
    old, new = before.local, after.local
    if old is None or new is None:
        raise CannotUpgrade(f"{before.uri} cannot get another name.")
    replaced = new.with_name(_REPLACED)
    shutil.rmtree(replaced, ignore_errors=True)
    if new.exists():
        # Empty: made beside the old lake by a Towpath that did not look for one.
        new.rename(replaced)
    old.rename(new)
    sync_path(new.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def _keep_older_out(before: Store) -> None:
    if before.local is not None:
        before.local.mkdir(parents=True, exist_ok=True)
    DeltaTable.create(
        before.uri,
        TABLE_SCHEMA,
        mode="ignore",
        partition_by=list(PARTITIONS),
        name=_BEFORE,
        description="Empty: the events moved to the table beside this one, which older Towpaths cannot read.",
        configuration={FORMAT_KEY: str(LAKE_FORMAT)},
        storage_options=dict(before.options) or None,
        raise_if_key_not_exists=False,
    )
