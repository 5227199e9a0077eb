"""Taking a person out of everything that this area keeps: lake, inbox, quarantine, uploads, staged rows."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa

from towpath.events import keys
from towpath.events.ingest import clear_staging_folders
from towpath.events.lake.erasing import Target
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.events.store import inbox, lake
from towpath.foundation.operations.blotting import Names
from towpath.foundation.operations.forgetting import Person, Turn, erases

READ_BYTES = 1 << 20
AROUND = 64
"""Characters beside a name that tell whether it is one."""
UNFINISHED = (FileImport.State.DRAFT, FileImport.State.FAILED)


def target_of(person: Person) -> Target:
    return Target(person.keys, person.names)


@erases("the list of who must not come back", Turn.GATE)
def _keep_out(person: Person) -> int:
    """What arrives from now on is left out, while the rest is being looked through."""
    keys.forget_keys(person.keys, person.at)
    return len(person.keys)


@erases("the lake", Turn.KEPT)
def _lake(person: Person) -> int:
    """Events are brought under the keys of today first, so that none hides under another one."""
    for _some in range(keys.rounds()):
        lake().settle_keys(keys)
    erased = lake().erase(target_of(person))
    keys.drop_targets(person.keys)
    return erased.removed + erased.blotted


@erases("the inbox")
def _inbox(person: Person) -> int:
    target, box, gone = target_of(person), inbox(), 0
    with lake().writing():
        for number, batches in box.batches():
            rest, changed = _cleaned(target, batches)
            if changed:
                box.replace(number, rest)
                gone += changed
        for aside in box.set_aside_batches():
            found = box.read_set_aside(aside.number)
            # What nobody can read may name them: it goes whole.
            rest, changed = ([], aside.events) if found is None else _cleaned(target, found)
            if changed:
                box.replace_set_aside(aside.number, rest)
                gone += changed
        box.compact()
    return gone


def _cleaned(target: Target, batches: list[pa.RecordBatch]) -> tuple[list[pa.RecordBatch], int]:
    """What is left of a batch, and how many events were removed or blotted out."""
    cleaned = [target.cleaned(pa.Table.from_batches([batch])) for batch in batches]
    rest = [batch for table, *_counts in cleaned for batch in table.combine_chunks().to_batches()]
    return rest, sum(removed + blotted for _rest, removed, blotted in cleaned)


@erases("quarantine")
def _quarantine(person: Person) -> int:
    names = person.names
    named = [
        record.pk
        for record in QuarantinedRecord.objects.only("pk", "raw", "mended", "reason").iterator(2_000)
        if names.are_in(f"{record.raw}\n{record.mended}\n{record.reason}")
    ]
    for first in range(0, len(named), keys.BATCH):
        QuarantinedRecord.objects.filter(pk__in=named[first : first + keys.BATCH]).delete()
    return len(named)


@erases("uploaded files that are not in the lake")
def _uploads(person: Person) -> int:
    """A file cannot be mended here: it goes whole, and its draft with it."""
    gone = 0
    for file_import in FileImport.objects.filter(uploaded=True, state__in=UNFINISHED):
        path = Path(file_import.path)
        if path.exists() and _holds(path, person.names):
            path.unlink()
            file_import.mapping = ""
            file_import.state = FileImport.State.FAILED
            file_import.error = "Its file was removed: it named somebody who was forgotten."
            file_import.save(update_fields=["mapping", "state", "error"])
            gone += 1
    return gone


@erases("rows staged by imports that stopped")
def _staged(_person: Person) -> int:
    """They begin anew when they are run again; what they bring of the forgotten is left out."""
    return clear_staging_folders(float("inf"))


def _holds(path: Path, names: Names) -> bool:
    """Whether a file names them; one that cannot be read to its end counts as if it did."""
    if path.suffix == ".parquet":
        return True  # packed in columns: not worth a second reader for a file that is not in the lake
    overlap, before = max((len(text) for text in names.texts), default=0) + AROUND, ""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            block = file.read(READ_BYTES)
            while block:
                following = file.read(READ_BYTES)
                text = before + block.decode("utf-8", "replace")
                # Where a block was cut, a word may go on: what stands there is looked at with the next one.
                if names.are_in(f"{'0' if before else ''}{text}{'0' if following else ''}"):
                    return True
                before, block = text[-overlap:], following
    except (OSError, EOFError):
        return True
    return False
