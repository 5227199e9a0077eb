"""Work on events that a worker does in the background."""

from __future__ import annotations

from datetime import timedelta

from towpath.events.ingest import run_import
from towpath.events.models import FileImport
from towpath.events.store import lake
from towpath.foundation.jobs.declaring import job, scheduled

DAY = 24 * 3600
KEEP_REPLACED = timedelta(days=1)
"""Files of the lake that an import replaced stay so long for those who still read an older version."""


@job(attempts=3)
def import_file(import_id: str) -> None:
    """Read one confirmed file into the lake; run again after a kill, it goes on where it was."""
    run_import(FileImport.objects.get(pk=import_id))


@scheduled(every=DAY)
@job(attempts=2)
def remove_replaced_files() -> int:
    """Give back the room of files that imports replaced; returns how many there were."""
    return lake().vacuum(KEEP_REPLACED)
