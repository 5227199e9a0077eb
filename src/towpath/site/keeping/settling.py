"""What a restored home needs before anything starts on it. Needs the settings (`prepare`) of that home."""

from __future__ import annotations

import shutil
from pathlib import Path

from towpath.events.models import FileImport
from towpath.events.store import inbox, lake, lake_as_it_is
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.home import home
from towpath.site.keeping.forgotten import ForgottenList, forget_again, take_over
from towpath.site.keeping.manifest import Manifest, NotKept

BACKUP_RESTORED = "backup.restored"
INDEX = "index"


def settle(manifest: Manifest, later: ForgottenList | None, *, inbox_only: bool = False) -> int:
    """Returns how many subjects were forgotten again. `inbox_only`: lake and records are not the backup's.

    Raises NotKept where counts do not agree.
    """
    _place_index()
    lake_as_it_is().upgrade()
    # Else the lake would take its flushes for those of the inbox from which it was copied.
    inbox().draw_new_writer()
    _rehome_uploads(Path(manifest.home))
    _check_counts(manifest, inbox_only=inbox_only)
    AuditEntry.objects.create(
        actor_kind=OPERATOR.kind,
        actor=OPERATOR.name,
        verb=BACKUP_RESTORED,
        target_type="backup",
        target=f"{manifest.begun:%Y-%m-%d %H:%M:%S} UTC",
        after={"lake_events": manifest.lake_events, "inbox_events": manifest.inbox_events},
    )
    if later is not None:
        take_over(later)
    return forget_again()


def _place_index() -> None:
    """The index of a lake elsewhere, from the home to where that lake's is."""
    brought = home().root / INDEX
    with lake_as_it_is().still() as body:
        belongs = body.index.folder
        if brought.exists() and belongs != brought and not belongs.exists():
            shutil.move(brought, belongs)


def _rehome_uploads(before: Path) -> None:
    for each in FileImport.objects.filter(uploaded=True).exclude(state=FileImport.State.DONE):
        path = Path(each.path)
        if path.is_relative_to(before):
            each.path = str(home().root / path.relative_to(before))
            each.save(update_fields=["path"])


def _check_counts(manifest: Manifest, *, inbox_only: bool) -> None:
    events = manifest.lake_events if inbox_only else lake().snapshot().rows
    found = (events, inbox().fill().events)
    if found != (manifest.lake_events, manifest.inbox_events):
        raise NotKept(
            f"The restored lake and inbox hold {found[0]} and {found[1]} events; the backup tells of "
            f"{manifest.lake_events} and {manifest.inbox_events}. Please report this mistake of Towpath."
        )
