"""The export: who may, which events, in which form, to which file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec

from towpath.events.exporting.choosing import Chosen, slices
from towpath.events.exporting.drafts import ExportFailed, draft
from towpath.events.exporting.ocel import write_ocel
from towpath.events.exporting.tables import write_csv, write_parquet
from towpath.events.lake import Snapshot
from towpath.events.rules import READ_EVENTS
from towpath.events.store import lake
from towpath.foundation.access.actor import Actor
from towpath.foundation.audit.writing import writing
from towpath.foundation.operations.home import home

FORMS = ("parquet", "ocel2", "csv")
EXPORTED = "events.exported"
_DATABASES = (".sqlite", ".sqlite3", ".db")


class Exported(msgspec.Struct, frozen=True):
    """An export that was made: its form, the file ("-": standard output), and how many events it holds."""

    form: str
    file: str
    events: int


def export_events(
    actor: Actor,
    form: str,
    chosen: Chosen,
    target: Path | BinaryIO,
    *,
    overwrite: bool = False,
    for_spreadsheets: bool = False,
) -> Exported:
    """Write the chosen events of the newest version of the lake, in the order of events.

    `form` is one of FORMS; OCEL 2.0 needs a file whose name ends .json or .sqlite. The look at personal data
    is in the audit log before the first event goes out. Raises PermissionDenied without events:read,
    ExportFailed, LakeError.
    """
    named = str(target) if isinstance(target, Path) else "-"
    with writing(actor, EXPORTED, READ_EVENTS) as write:
        write.target_type, write.target = "events.Export", named[:200]
        write.after = {"form": form} | _filters(chosen)
    snapshot = lake().snapshot()
    if not isinstance(target, Path):
        if form == "ocel2":
            raise ExportFailed("-", "OCEL 2.0 goes to a file.", "Name one that ends .json or .sqlite.")
        return Exported(form, named, _table(form, snapshot, chosen, for_spreadsheets)(target))
    _check_name(form, target)
    with draft(target, overwrite=overwrite) as path:
        if form == "ocel2":
            events = write_ocel(
                snapshot, chosen, path, as_database=target.suffix in _DATABASES, scratch=home().staging
            )
        else:
            with path.open("wb") as file:
                events = _table(form, snapshot, chosen, for_spreadsheets)(file)
    return Exported(form, named, events)


def _filters(chosen: Chosen) -> dict[str, object]:
    found = {
        "source": list(chosen.sources),
        "type": list(chosen.types),
        "from": chosen.start and chosen.start.isoformat(),
        "to": chosen.end and chosen.end.isoformat(),
    }
    return {name: value for name, value in found.items() if value}


def _check_name(form: str, target: Path) -> None:
    if form == "ocel2" and target.suffix not in (".json", *_DATABASES):
        what = "The name does not say which kind of OCEL 2.0 it is to be."
        raise ExportFailed(str(target), what, "Let it end .json or .sqlite.")


def _table(
    form: str, snapshot: Snapshot, chosen: Chosen, for_spreadsheets: bool
) -> Callable[[BinaryIO], int]:
    found = slices(snapshot, chosen)
    if form == "parquet":
        return lambda file: write_parquet(found, file)
    return lambda file: write_csv(found, file, for_spreadsheets=for_spreadsheets)
