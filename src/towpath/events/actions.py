"""Writes: taking a file in, agreeing on its mapping, and dealing with what was refused."""

from __future__ import annotations

from pathlib import Path

import xxhash
from django.utils import timezone
from django.utils.translation import gettext as _

from towpath.events.announcements import EventsFlushed
from towpath.events.ingest import can_go_on, replay
from towpath.events.mapping import dump_mapping
from towpath.events.mapping_text import load_mapping
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.events.rules import WRITE_EVENTS
from towpath.events.sections import sections
from towpath.events.sniffing import sniff
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing
from towpath.foundation.outbox.announcing import announce

READ_BYTES = 1 << 20


class AlreadyBegun(ValueError):
    """The import is past its draft; the text says where it is."""


class AlreadySettled(ValueError):
    """The refused record waits for nobody any more; the text says what became of it."""


class CannotReplay(ValueError):
    """The mended record is still not one that can be taken; the text says why."""


def draft_import(
    actor: Actor, path: Path, name: str, *, mapping: str | None = None, uploaded: bool = False
) -> FileImport:
    """Take note of a file with the mapping given, or one proposed by looking at it.

    Raises ImportFailed when it cannot be read at all, DocumentError when the given mapping is not right.
    """
    require(actor, WRITE_EVENTS)
    text = mapping if mapping is not None else dump_mapping(sniff(path, name=name).mapping)
    source = load_mapping(text, name).source
    with writing(actor, "import.drafted", WRITE_EVENTS) as write:
        file_import = FileImport.objects.create(
            name=name,
            path=str(path),
            uploaded=uploaded,
            digest=_digest(path),
            bytes_total=path.stat().st_size,
            mapping=text,
            source=source,
        )
        write.about(file_import, after={"file": name, "bytes": file_import.bytes_total})
    return file_import


def unfinished_import(actor: Actor, path: Path, mapping: str) -> FileImport | None:
    """The import of this very file by this mapping that began and did not come to its end, to go on with."""
    require(actor, WRITE_EVENTS)
    same = FileImport.objects.filter(digest=_digest(path), mapping=mapping)
    begun = same.filter(state__in=[FileImport.State.WAITING, FileImport.State.RUNNING]).first()
    stopped = (each for each in same.filter(state=FileImport.State.FAILED) if can_go_on(each))
    return begun or next(stopped, None)


def confirm_import(actor: Actor, file_import: FileImport, mapping: str) -> FileImport:
    """Agree on the mapping; the file then waits for a worker (enqueue `import_file` in the same transaction).

    Raises DocumentError for a mapping that is not right, AlreadyBegun for an import that has begun.
    """
    agreed = load_mapping(mapping, _("the mapping"))
    with writing(actor, "import.confirmed", WRITE_EVENTS) as write:
        # Read anew under a lock: of two clicks, one begins the import.
        file_import = FileImport.objects.select_for_update().get(pk=file_import.pk)
        if file_import.state != FileImport.State.DRAFT:
            raise AlreadyBegun(_("%(file)s is past its draft: it %(state)s.") % _told(file_import))
        file_import.mapping, file_import.source = mapping, agreed.source
        file_import.state = FileImport.State.WAITING
        file_import.confirmed_by = actor.name or actor.kind
        file_import.confirmed_by_kind = actor.kind
        file_import.save()
        write.about(file_import, after={"file": file_import.name, "mapping": mapping})
        for section in sections().values():
            section.confirmed(actor, file_import, agreed)
    return file_import


def discard_import(actor: Actor, file_import: FileImport) -> None:
    """Forget a draft and the uploaded copy of its file. Raises AlreadyBegun for an import that has begun."""
    with writing(actor, "import.discarded", WRITE_EVENTS) as write:
        if file_import.state != FileImport.State.DRAFT:
            raise AlreadyBegun(_("%(file)s is past its draft: it %(state)s.") % _told(file_import))
        write.about(file_import, before={"file": file_import.name})
        if file_import.uploaded:
            Path(file_import.path).unlink(missing_ok=True)
        file_import.delete()


def mend_record(actor: Actor, record: QuarantinedRecord, raw: str) -> None:
    """Put a mended record into the lake. Raises CannotReplay, saying why it is still refused."""
    require(actor, WRITE_EVENTS)
    if record.state != QuarantinedRecord.State.WAITING:
        raise CannotReplay(_settled(record))
    # Outside the transaction, since it waits for the lake: killed in between, the same mend counts once.
    if reason := replay(record, raw):
        raise CannotReplay(reason)
    with writing(actor, "quarantine.replayed", WRITE_EVENTS) as write:
        # Its event is in the lake, whoever dismissed it in the meantime.
        record.mended, record.state = raw, QuarantinedRecord.State.REPLAYED
        record.save(update_fields=["mended", "state"])
        write.about(record, before={"state": "waiting"}, after={"state": "replayed"})
        announce(EventsFlushed(1, first_received=record.at, last_received=timezone.now()))


def dismiss_record(actor: Actor, record: QuarantinedRecord) -> None:
    """Decide that a refused record is not wanted. It stays visible under "dismissed".

    Raises AlreadySettled for one that was replayed or dismissed before.
    """
    with writing(actor, "quarantine.dismissed", WRITE_EVENTS) as write:
        record = QuarantinedRecord.objects.select_for_update().get(pk=record.pk)
        if record.state != QuarantinedRecord.State.WAITING:
            raise AlreadySettled(_settled(record))
        record.state = QuarantinedRecord.State.DISMISSED
        record.save(update_fields=["state"])
        write.about(record, before={"state": "waiting"}, after={"state": "dismissed"})


def _settled(record: QuarantinedRecord) -> str:
    return _("This record is dealt with already: %(state)s.") % {"state": record.get_state_display()}


def _told(file_import: FileImport) -> dict[str, str]:
    return {"file": file_import.name, "state": str(file_import.get_state_display())}


def _digest(path: Path) -> str:
    hasher = xxhash.xxh3_128()
    with path.open("rb") as file:
        while block := file.read(READ_BYTES):
            hasher.update(block)
    return hasher.hexdigest()
