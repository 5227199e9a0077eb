"""Work on events that a worker does in the background."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from towpath.events import flushing, keys
from towpath.events.actions import discard_import
from towpath.events.flushing import FLUSH_SECONDS, flush_when_due
from towpath.events.ingest import clear_staging_folders, run_import, settle_stopped
from towpath.events.keeping import notes
from towpath.events.keeping.retention import BY_ITSELF, retire
from towpath.events.lake import LakeBusy
from towpath.events.models import FileImport
from towpath.events.store import inbox, lake
from towpath.foundation.jobs.declaring import job, loop, scheduled
from towpath.foundation.jobs.progress import progress
from towpath.foundation.jobs.scheduling import UNFINISHED
from towpath.foundation.operations.home import home

HOUR = 3600
DAY = 24 * HOUR
KEEP_REPLACED = timedelta(hours=2)
"""Files of the lake that were made anew stay so long for those who still read an older version."""
KEEP_STAGED = timedelta(days=7)
"""An import that failed can go on for so long; after that it begins anew."""
JUST_BEGUN = timedelta(minutes=10)
"""An import without a job is a command's, which needs a moment between noting the file and reading it."""


@job(attempts=3)
def import_file(import_id: str) -> None:
    """Read one confirmed file into the lake; run again after a kill, it goes on where it was."""
    run_import(FileImport.objects.get(pk=import_id), _tell)


def _tell(seen: FileImport) -> None:
    progress(seen.bytes_read, seen.bytes_total or None, seen.name)


@loop(every=30)
def settle_stopped_imports() -> int:
    """Say of imports that nobody works on any more that they are not done; returns how many there were."""
    begun = FileImport.objects.filter(state__in=[FileImport.State.WAITING, FileImport.State.RUNNING])
    return sum(settle_stopped(each, why) for each in begun if (why := _stopped(each)))


def _stopped(file_import: FileImport) -> str:
    """Why nobody works on an import any more, in words; nothing where somebody does, or may well."""
    arguments = {"args": [str(file_import.pk)], "kwargs": {}}
    jobs = DBTaskResult.objects.filter(task_path=import_file.module_path, args_kwargs=arguments)
    if jobs.filter(status__in=UNFINISHED).exists():
        return ""
    last = jobs.order_by("-enqueued_at").first()
    if last is not None:
        reason = last.traceback.strip().rsplit("\n", 1)[-1]
        return _(
            "The job that read it has ended: %(reason)s. Let it run again under Administration, Jobs."
        ) % {"reason": reason}
    if file_import.created_at > timezone.now() - JUST_BEGUN:
        return ""
    return _("The command that read it was stopped. Give the same command again: it goes on where it was.")


@loop(every=FLUSH_SECONDS / 5)
def flush_inbox() -> int:
    """Put what waits in this node's inbox into the lake; returns how many events were new."""
    # While an import comes in, what was accepted waits.
    with suppress(LakeBusy):
        return flush_when_due(inbox(), lake()).written
    return 0


@loop(every=FLUSH_SECONDS)
def announce_flushed() -> int:
    """Tell those who listen of what was flushed. Beside the flushes, which must not wait for the records."""
    return flushing.announce_flushed(inbox())


@loop(every=5)
def compact_lake() -> None:
    """Move a long tail into the body, events to the keys of today, and keep the index of identities short."""
    with suppress(LakeBusy):
        done = lake().settle_keys(keys) if keys.due() else lake().compact()
        if done.from_tail or done.moved:
            notes.note_compaction(home().root, done.from_tail + done.moved)
        lake().tidy_index()


@loop(every=600)
def note_disk() -> None:
    """Note how much room is left, to know when there will be none."""
    notes.note_disk(home().root)


@scheduled(every=DAY)
@job(attempts=3)
def carry_out_retention() -> int:
    """Remove what is older than the periods in force allow; returns how much that was."""
    return retire(BY_ITSELF, told=lambda events: progress(events, None, _("Old events go"))).total


@scheduled(every=DAY)
@job(attempts=2)
def clear_staging() -> int:
    """Remove rows staged by imports that will not go on; returns how many imports those were."""
    return clear_staging_folders(time.time() - KEEP_STAGED.total_seconds())


@scheduled(every=DAY)
@job(attempts=2)
def discard_old_drafts() -> int:
    """Remove uploads that nobody agreed to, which lie there as they came; returns how many there were."""
    drafts = FileImport.objects.filter(state=FileImport.State.DRAFT, uploaded=True)
    found = list(drafts.filter(created_at__lt=timezone.now() - KEEP_STAGED))
    for each in found:
        discard_import(BY_ITSELF, each)
    return len(found)


@scheduled(every=HOUR)
@job(attempts=2)
def remove_replaced_files() -> int:
    """Give back the room of files that imports replaced; returns how many there were."""
    return lake().vacuum(KEEP_REPLACED)
