"""From a file to the lake's body: read, stage, keep what was refused, absorb.

Killed anywhere, it goes on where it was.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import msgspec
import pyarrow as pa
import xxhash
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.events import whole_histories
from towpath.events.announcements import EventsAbsorbed
from towpath.events.importers import Chunk, ImportFailed, Refused, open_importer
from towpath.events.importers.repair import repair
from towpath.events.lake import LakeBusy, LakeError, Staging
from towpath.events.lake.lock import writer_lock
from towpath.events.lake.snapshot import CLOCKS_DIFFER
from towpath.events.mapping import MAX_SOURCE_CHARACTERS, Mapping
from towpath.events.mapping_text import load_mapping
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.events.nameless import nameless_rows
from towpath.events.receiving.parse import parse_events
from towpath.events.receiving.refusals import BodyRefused
from towpath.events.store import FORGETTING, in_turn, lake
from towpath.foundation.access.actor import OPERATOR
from towpath.foundation.audit.models import AuditEntry
from towpath.foundation.operations.documents import DocumentError
from towpath.foundation.operations.home import home
from towpath.foundation.outbox.announcing import announce

QUARANTINE_BATCH = 500
"""Rows a transaction: a write transaction stays well under 200 ms."""
CHECKPOINT_ROWS = 200_000
CHECKPOINT_SECONDS = 5.0
"""Whichever comes first. A checkpoint writes a small file a month, so not every chunk deserves one."""
WAITS_S = 600.0
"""For a forgetting that is at work, before an import begins."""
HOPELESS_ROWS = 100
"""A first chunk of at least so many rows, all refused, means that the mapping is wrong, not the rows."""

PLAIN_JSON = "application/json"
Progress = Callable[[FileImport], None]


class _Sourced(msgspec.Struct):
    source: str = ""


def run_import(file_import: FileImport, on_progress: Progress = lambda _import: None) -> FileImport:
    """Read the file into the lake and return the finished record: DONE or FAILED, no exception for bad input.

    What was good before a failure in the file is absorbed all the same. A second run of one that was killed
    resumes at the last checkpoint; of one that is done, changes nothing. Raises ImportFailed where another
    process is reading it: two would write the same staged rows.
    """
    lock = home().staging / f"{file_import.pk}.lock"
    try:
        with writer_lock(lock, 0):
            file_import.refresh_from_db()
            if file_import.state != FileImport.State.DONE:
                file_import = _read(file_import, on_progress)
            lock.unlink(missing_ok=True)
            return file_import
    except LakeBusy as busy:
        raise ImportFailed(
            file_import.name,
            None,
            _("another process is reading it into the lake."),
            _("Wait until that is done; the page of events shows how far it is."),
        ) from busy


def can_go_on(file_import: FileImport) -> bool:
    """Whether rows of it wait at a checkpoint, so that a second run does not begin anew."""
    return (home().staging / str(file_import.pk) / "checkpoint.json").exists()


def settle_stopped(file_import: FileImport, why: str) -> bool:
    """Say of an import that nobody works on any more that it is not done, and why; what it read is kept.

    False, and nothing changed, where a process is reading it or it has come to an end.
    """
    lock = home().staging / f"{file_import.pk}.lock"
    try:
        with writer_lock(lock, 0):
            file_import.refresh_from_db()
            if file_import.state not in (FileImport.State.WAITING, FileImport.State.RUNNING):
                return False
            _finish(file_import, why)
            lock.unlink(missing_ok=True)
            return True
    except LakeBusy:
        return False


def clear_staging_folders(before: float) -> int:
    """Remove what lies in the staging folder untouched since `before` (seconds since 1970) and belongs to no
    import that waits or runs; returns how many folders those were."""
    begun = FileImport.objects.filter(state__in=[FileImport.State.WAITING, FileImport.State.RUNNING])
    needed = {str(pk) for pk in begun.values_list("pk", flat=True)}
    cleared = 0
    for found in list(home().staging.iterdir()):
        if found.name.removesuffix(".lock") in needed or _touched(found) >= before:
            continue
        if found.is_dir():
            shutil.rmtree(found, ignore_errors=True)
            cleared += 1
        elif found.suffix == ".lock":
            found.unlink(missing_ok=True)
    return cleared


def _touched(folder: Path) -> float:
    return max(each.stat().st_mtime for each in (folder, *folder.rglob("*")))


def _read(file_import: FileImport, on_progress: Progress) -> FileImport:
    _begin(file_import)
    try:
        return _read_and_absorb(file_import, on_progress)
    except Exception as failure:
        # A mistake of ours: told to whoever waits for the file, and to the job, which may try again.
        _finish(file_import, _("Towpath failed: %(why)s. The log holds more.") % {"why": repr(failure)})
        raise


def _begin(file_import: FileImport) -> None:
    """Wait for a forgetting that is at work: it may be of somebody whom this file names.

    From the first note on, one that is about to end does not; once this runs, one waits for it to end.
    """
    _note_state(file_import, FileImport.State.WAITING)
    try:
        with in_turn(FORGETTING, WAITS_S):
            _note_state(file_import, FileImport.State.RUNNING)
    except LakeBusy as busy:
        raise ImportFailed(
            file_import.name,
            None,
            _("a customer is being forgotten whom it may name."),
            _("Read it again when that is done."),
        ) from busy


def _note_state(file_import: FileImport, state: FileImport.State) -> None:
    file_import.state = state
    file_import.save(update_fields=["state"])


def _read_and_absorb(file_import: FileImport, on_progress: Progress) -> FileImport:
    staging = Staging(home().staging, str(file_import.pk))
    # Rows of a run that was killed may have been stamped by another node's clock.
    went_on = can_go_on(file_import)
    first_received = file_import.created_at - CLOCKS_DIFFER if went_on else timezone.now()
    error = _read_all(file_import, staging, on_progress)
    try:
        mapping = None if error else _mapping_of(file_import)
        said = whole_histories.told(lake(), file_import, mapping, staging) if mapping else None
        absorbed = lake().absorb(staging)
        withdrawn = whole_histories.take_back(lake(), said)
    except (LakeError, OSError) as failure:
        return _finish(file_import, error or str(failure))
    file_import.written, file_import.withdrawn = absorbed.written, withdrawn.events
    file_import.already_there += absorbed.already_there
    months = sorted({*absorbed.months, *withdrawn.months})
    finished = _finish(file_import, error, months, None if withdrawn.events else first_received)
    if file_import.uploaded and error and file_import.treated:
        # What was to be masked does not stay as it came because the file broke off: drop it again.
        Path(file_import.path).unlink(missing_ok=True)
    return finished


def _mapping_of(file_import: FileImport) -> Mapping:
    return load_mapping(file_import.mapping, _("mapping of %(file)s") % {"file": file_import.name})


def _read_all(file_import: FileImport, staging: Staging, on_progress: Progress) -> str:
    """Stage every chunk; returns what went wrong in words, or nothing."""
    resumed = staging.resume() or {
        "position": None,
        "rows_read": 0,
        "refused": 0,
        "repeated": 0,
        "nameless": 0,
    }
    file_import.rows_read, file_import.refused = resumed["rows_read"], resumed["refused"]
    file_import.already_there = resumed["repeated"]
    file_import.nameless = resumed.get("nameless", 0)
    safe_at, safe_rows = time.monotonic(), staging.rows
    try:
        mapping = _mapping_of(file_import)
        reader = open_importer(Path(file_import.path), mapping, resume_from=resumed["position"])
        for chunk in reader:
            _keep(file_import, staging, chunk)
            overdue = time.monotonic() - safe_at > CHECKPOINT_SECONDS
            if overdue or staging.rows - safe_rows >= CHECKPOINT_ROWS:
                _checkpoint(file_import, staging, chunk)
                safe_at, safe_rows = time.monotonic(), staging.rows
            on_progress(file_import)
    except (ImportFailed, DocumentError, LakeError) as failure:
        return str(failure)
    except OSError as failure:
        return _("%(file)s: %(why)s") % {"file": file_import.name, "why": failure}
    return ""


def _keep(file_import: FileImport, staging: Staging, chunk: Chunk) -> None:
    first = file_import.rows_read == 0
    if first and len(chunk.refused) >= HOPELESS_ROWS and chunk.batch.num_rows == 0:
        raise ImportFailed(
            file_import.name,
            None,
            _("none of the first %(rows)d rows could be understood; the first: %(reason)s.")
            % {"rows": len(chunk.refused), "reason": chunk.refused[0].reason},
            _("Mend the mapping; the file itself was left as it is."),
        )
    quarantine(file_import, chunk.refused)
    staging.append(chunk.batch)
    file_import.rows_read = chunk.rows_read
    file_import.refused += len(chunk.refused)
    file_import.already_there += chunk.repeated
    file_import.nameless += nameless_rows(chunk.batch)
    file_import.bytes_read, file_import.bytes_total = chunk.bytes_read, chunk.bytes_total
    file_import.treated = dict(chunk.treated)
    told = ["rows_read", "refused", "nameless", "bytes_read", "bytes_total", "treated"]
    file_import.save(update_fields=told)


def _checkpoint(file_import: FileImport, staging: Staging, chunk: Chunk) -> None:
    staging.checkpoint(
        {
            "position": chunk.position,
            "rows_read": file_import.rows_read,
            "refused": file_import.refused,
            "repeated": file_import.already_there,
            "nameless": file_import.nameless,
        }
    )


def quarantine(file_import: FileImport, refused: Iterable[Refused]) -> None:
    """Keep refused records; one that lies there already (the same file again) is left as it is."""
    _keep_refused(
        QuarantinedRecord(
            file_import=file_import,
            source=file_import.source,
            place=record.place,
            reason=record.reason,
            raw=record.raw,
            seq=record.seq,
            nth=record.nth,
            fingerprint=xxhash.xxh3_128_hexdigest(f"{record.place}\x1f{record.raw}".encode()),
        )
        for record in refused
    )


def quarantine_received(refused: Iterable[Refused], *, source: str, format: str = PLAIN_JSON) -> None:
    """Keep what the HTTP door refused, each `raw` as it came.

    `source`: the sender's, for records that name none of their own. `format`: the content type under which
    one `raw` by itself can be read again. A record that lies there already (a resend) is left as it is.
    """
    _keep_refused(
        QuarantinedRecord(
            door=QuarantinedRecord.Door.HTTP,
            format=format,
            source=_source_of(record.raw) or source,
            place=record.place,
            reason=_storable(record.reason),
            raw=_storable(record.raw),
            seq=record.seq,
            nth=record.nth,
            fingerprint=xxhash.xxh3_128_hexdigest(_storable(record.raw).encode()),
        )
        for record in refused
    )


def _keep_refused(records: Iterable[QuarantinedRecord]) -> None:
    rows = list(records)
    for first in range(0, len(rows), QUARANTINE_BATCH):
        QuarantinedRecord.objects.bulk_create(rows[first : first + QUARANTINE_BATCH], ignore_conflicts=True)


def _source_of(raw: str) -> str:
    """The source that a refused event names; nothing where it cannot be read or kept."""
    try:
        named = msgspec.json.decode(_storable(raw).encode(), type=_Sourced).source
    except msgspec.MsgspecError:
        return ""
    return "" if "\0" in named or len(named) > MAX_SOURCE_CHARACTERS else named


def _storable(text: str) -> str:
    """JSON text without what databases refuse: NUL and lone surrogates become JSON's own escapes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\u0000")


def replay(record: QuarantinedRecord, raw: str) -> str:
    """Put one mended record into the lake: by the mapping that it was refused under, or as the door reads it.

    Returns the reason in words when it is still refused, else nothing. Harmless when run again.
    """
    mended = _mended(record, raw)
    if isinstance(mended, str):
        return mended
    staging = Staging(home().staging, f"mended-{record.pk}")
    staging.discard()
    staging = Staging(home().staging, f"mended-{record.pk}")
    staging.append(mended)
    lake().absorb(staging)
    return ""


def _mended(record: QuarantinedRecord, raw: str) -> pa.RecordBatch | str:
    """The event, or why it is still refused."""
    if record.file_import is None:
        return _mended_at_the_door(record, raw)
    mapping = load_mapping(record.file_import.mapping, record.file_import.name)
    mended = repair(raw, mapping, record.place, seq=record.seq, nth=record.nth)
    return mended.reason if isinstance(mended, Refused) else mended


def _mended_at_the_door(record: QuarantinedRecord, raw: str) -> pa.RecordBatch | str:
    try:
        # The time of receipt stays what it was: mending a record does not make its event a new one.
        received = parse_events(_storable(raw).encode(), record.format, now=record.at)
    except BodyRefused as refused:
        return refused.detail
    if received.refused:
        return received.refused[0].reason
    if received.events.num_rows != 1:
        return _("this is %(count)d events; mend the record as one.") % {"count": received.events.num_rows}
    return received.events


def _finish(
    file_import: FileImport,
    error: str,
    months: Iterable[str] = (),
    first_received: datetime | None = None,
) -> FileImport:
    file_import.error = error
    file_import.state = FileImport.State.FAILED if error else FileImport.State.DONE
    file_import.finished_at = timezone.now()
    with transaction.atomic():
        file_import.save()
        AuditEntry.objects.create(
            actor_kind=file_import.confirmed_by_kind or OPERATOR.kind,
            actor=file_import.confirmed_by or OPERATOR.name,
            verb="import.finished",
            target_type=file_import._meta.label,
            target=str(file_import.pk),
            after={
                "file": file_import.name,
                "state": file_import.state,
                "written": file_import.written,
                "already_there": file_import.already_there,
                "refused": file_import.refused,
                "withdrawn": file_import.withdrawn,
                "masked": file_import.treated,
            },
        )
        if file_import.written or file_import.withdrawn:
            announce(
                EventsAbsorbed(
                    source=file_import.source,
                    written=file_import.written,
                    months=tuple(months),
                    first_received=first_received,
                )
            )
    if file_import.uploaded and file_import.state == FileImport.State.DONE:
        # What customers did is in the lake now; a second copy would only be one more place to look after.
        Path(file_import.path).unlink(missing_ok=True)
    return file_import
