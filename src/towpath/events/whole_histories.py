"""Files that tell the whole history of each of their cases: `history: whole` in a mapping.

    history: whole       # what an earlier file told of a case, and this one does not, is taken back
    history: growing     # as where it is left out: what was told once stays

Nothing is taken back by a file that broke off, of cases of which a row was refused, or where a row was
refused that names no case: what is missing then may be in what could not be read.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.utils.translation import gettext as _

from towpath.events.importers.chunks import LINE_KEY, Row
from towpath.events.importers.conversion import Conversion
from towpath.events.lake import Lake, Staging
from towpath.events.lake.withdrawing import Told, Withdrawn, told_by
from towpath.events.mapping import Mapping
from towpath.events.models import FileImport, QuarantinedRecord
from towpath.foundation.operations.documents import Document

SECTION = "history"
WHOLE, GROWING = "whole", "growing"


def check(document: Document) -> None:
    """Raises DocumentError about anything but one of the two words."""
    if document.value not in (WHOLE, GROWING):
        raise document.error((), _("Write `history: whole` or `history: growing`."))


def told(lake: Lake, file_import: FileImport, mapping: Mapping, staging: Staging) -> Told | None:
    """What the staged rows of a file read to its end say of whole histories; None where nothing may be taken
    back."""
    if mapping.sections.get(SECTION) != WHOLE:
        return None
    if "source" not in mapping.events and mapping.source not in lake.snapshot().sources():
        return None  # the first file of a source has nothing to take back
    staging.flush()
    but = _cases_refused(file_import, mapping)
    if but is None:
        return None
    return told_by((file for files in staging.months().values() for file in files), frozenset(but))


def take_back(lake: Lake, said: Told | None) -> Withdrawn:
    """Out of the lake what these histories do not hold any more. Raises LakeError."""
    return Withdrawn() if said is None or not len(said.cases) else lake.withdraw(said)


def _cases_refused(file_import: FileImport, mapping: Mapping) -> set[str] | None:
    """Cases of refused rows; None where one names no case. A row that was refused in an earlier file too is
    kept under that one, so all of the source count that were not dismissed."""
    conversion = Conversion(mapping, file_import.created_at)
    records = QuarantinedRecord.objects.filter(source=file_import.source, file_import__isnull=False)
    waiting = records.exclude(state=QuarantinedRecord.State.DISMISSED).values_list("raw", flat=True)
    return _named(conversion, mapping, waiting.iterator())


def _named(conversion: Conversion, mapping: Mapping, raws: Iterable[str]) -> set[str] | None:
    cases: set[str] = set()
    for raw in raws:
        row = msgspec.json.decode(raw)
        name = _case_of(conversion, mapping, row) if isinstance(row, dict) and LINE_KEY not in row else None
        if name is None:
            return None
        cases.add(name)
    return cases


def _case_of(conversion: Conversion, mapping: Mapping, row: Row) -> str | None:
    for field in ("ticket", "case"):
        if field in mapping.events and (name := conversion.texts(field, [row])[0]):
            return name
    return None
