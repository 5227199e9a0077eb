"""An OCEL 2.0 log of chosen events: one pass over them, objects and types gathered beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from towpath.events.exporting.choosing import Chosen, slices
from towpath.events.exporting.ocel_events import OcelLog
from towpath.events.exporting.ocel_files import write_json, write_sqlite
from towpath.events.exporting.workbench import Workbench
from towpath.events.importers.ocel import KEPT, OcelEvent, OcelObject
from towpath.events.lake import Snapshot


def write_ocel(snapshot: Snapshot, chosen: Chosen, path: Path, *, as_database: bool, scratch: Path) -> int:
    """Write the log to `path`, as SQLite or as JSON; `scratch` is a folder for what does not stay. Returns
    the number of events. Whole sources bring all their objects; else only those that the events name.

    Raises ExportFailed.
    """
    with (
        TemporaryDirectory(prefix="export-", dir=scratch) as folder,
        closing(Workbench(Path(folder) / "objects.sqlite3")) as workbench,
    ):
        log = OcelLog(workbench)
        # Types before the first event, since a database wants its columns declared; objects of events that
        # are not chosen would not be met otherwise.
        for kept in ("types",) if chosen.whole_sources else ("types", "object"):
            for table in slices(snapshot, Chosen(chosen.sources), holding=f'"{KEPT}":{{"{kept}":'):
                for data in table["data"].to_pylist():
                    log.describe(data)

        def objects() -> Iterator[OcelObject]:
            return workbench.objects(all_described=chosen.whole_sources)

        events = _events(snapshot, chosen, log)
        if as_database:
            return write_sqlite(events, objects, log, path)
        with path.open("wb") as file:
            return write_json(events, objects, log, file)


def _events(snapshot: Snapshot, chosen: Chosen, log: OcelLog) -> Iterator[OcelEvent]:
    for table in slices(snapshot, chosen):
        for row in table.to_pylist():
            event = log.event(row)
            if event is not None:
                yield event
