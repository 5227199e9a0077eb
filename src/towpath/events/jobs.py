"""Work on events that a worker does in the background."""

from __future__ import annotations

from towpath.events.ingest import run_import
from towpath.events.models import FileImport
from towpath.foundation.jobs.declaring import job


@job(attempts=3)
def import_file(import_id: str) -> None:
    """Read one confirmed file into the lake; run again after a kill, it goes on where it was."""
    run_import(FileImport.objects.get(pk=import_id))
