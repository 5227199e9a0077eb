"""A backup while everything runs: records, inbox and lake as they were at one instant.

For that instant (milliseconds) nobody may write the lake: the inbox, the records and the lake's version then
belong together, so that every event that was acknowledged before is in inbox or lake, every import's file or
its events are there, and every key that changed is known to both. Copying goes on beside the work. Where a
file vanishes meanwhile (somebody was forgotten), another instant is taken, and what was copied is kept.
"""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

import msgspec

from towpath.events import keys
from towpath.events.lake.errors import explaining_full_disk
from towpath.events.lake.pinning import Pin, pin
from towpath.events.models import FileImport
from towpath.events.store import inbox, lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import home
from towpath.site.keeping import manifest as parts
from towpath.site.keeping.draft import Draft, growing
from towpath.site.keeping.forgotten import ForgottenList, list_of
from towpath.site.keeping.manifest import BACKUP_FORMAT, Manifest, NotKept, write_manifest
from towpath.site.keeping.records import Held, held_records, sqlite_file

ATTEMPTS = 5
WAIT_S = 600.0
"""For the lake: an import that is coming in may take minutes."""
BACKUP_MADE = "backup.made"
_FULL_ADVICE = "No backup was made. Free some space, or name a folder on another disk."


@dataclass(frozen=True)
class Instant:
    """What belongs together. Files that go when they are done with are open already."""

    records: tuple[str, Held]
    inbox: Held
    lake: Pin
    uploads: dict[str, BinaryIO]
    forgotten: ForgottenList


def back_up(target: Path) -> Manifest:
    """Make a backup in `target`, a folder that is empty or not there yet: whole, or not at all.

    Raises NotKept, LakeBusy, LakeFull.
    """
    begun = datetime.now(UTC)
    target = target.absolute()
    with explaining_full_disk(str(target), _FULL_ADVICE), growing(target) as draft:
        for _attempt in range(ATTEMPTS):
            try:
                made = _try(draft, begun)
                break
            except FileNotFoundError as error:
                vanished = error.filename
        else:
            raise NotKept(f"Files of the lake vanished {ATTEMPTS} times while they were copied ({vanished}).")
        write_manifest(draft.root, made)
    AuditEntry.objects.create(
        actor_kind=OPERATOR.kind,
        actor=OPERATOR.name,
        verb=BACKUP_MADE,
        target_type="backup",
        target=str(target)[:200],
        after={"lake_events": made.lake_events, "inbox_events": made.inbox_events, "bytes": made.bytes},
    )
    return made


def _try(draft: Draft, begun: datetime) -> Manifest:
    with ExitStack() as opened:
        seen = _instant(opened)
        name, records = seen.records
        records.copy(draft.place(name))
        draft.note(name)
        seen.inbox.copy(draft.place(parts.INBOX))
        draft.note(parts.INBOX)
        draft.place(parts.FORGOTTEN).write_bytes(msgspec.json.encode(seen.forgotten))
        draft.note(parts.FORGOTTEN)
        _copy_opened(draft, parts.UPLOADS, seen.uploads)
        _copy_opened(draft, parts.INDEX, seen.lake.index)
    _copy_secrets(draft)
    _copy_lake(draft, seen.lake)
    batches, events = _waiting(draft.root / parts.INBOX)
    return Manifest(
        format=BACKUP_FORMAT,
        towpath=version("towpath"),
        begun=begun,
        finished=datetime.now(UTC),
        home=str(home().root),
        records=name,
        lake_format=seen.lake.format,
        lake_version=seen.lake.version,
        lake_events=seen.lake.events,
        inbox_batches=batches,
        inbox_events=events,
        files=tuple(draft.files[path] for path in sorted(draft.files)),
    )


def _instant(opened: ExitStack) -> Instant:
    records = opened.enter_context(held_records())
    waiting = opened.enter_context(sqlite_file(inbox().path))
    with lake().still(timeout_s=WAIT_S) as body:
        waiting.hold()
        records[1].hold()
        return Instant(records, waiting, pin(body, opened), _uploads(opened), list_of(keys.forgotten()))


def _uploads(opened: ExitStack) -> dict[str, BinaryIO]:
    """Files of imports that are not in the lake yet. What was staged is not needed: they are read anew."""
    found: dict[str, BinaryIO] = {}
    for each in FileImport.objects.filter(uploaded=True).exclude(state=FileImport.State.DONE):
        path = Path(each.path)
        if path.is_file():
            found[path.name] = opened.enter_context(path.open("rb"))
    return found


def _copy_opened(draft: Draft, folder: str, files: dict[str, BinaryIO]) -> None:
    draft.keep_only(folder, ())
    for name, file in files.items():
        draft.copy(f"{folder}/{name}", file)


def _copy_secrets(draft: Draft) -> None:
    for path in sorted(home().secrets.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            with path.open("rb") as file:
                draft.copy(f"{parts.SECRETS}/{path.name}", file)
            (draft.root / parts.SECRETS / path.name).chmod(0o600)


def _copy_lake(draft: Draft, pinned: Pin) -> None:
    """The log last of all: it makes a table of the files."""
    names = {f"{parts.LAKE}/{path}": path for path in (*pinned.files, *pinned.log)}
    draft.keep_only(parts.LAKE, names)
    local = pinned.store.local
    for name, path in names.items():
        if name in draft.files:
            continue
        if local is not None:
            draft.link(name, local / path)
        else:
            with pinned.store.filesystem.open_input_stream(path) as file:
                draft.copy(name, file)


def _waiting(copy: Path) -> tuple[int, int]:
    """Batches and events in a copy of an inbox."""
    with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        batches, events = connection.execute("select count(*), total(events) from batches").fetchone()
    return int(batches), int(events)
