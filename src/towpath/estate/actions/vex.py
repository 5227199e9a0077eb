"""What others say of weak libraries (VEX) becomes assessments that they sign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from towpath.estate.advisories.keeping import Advisories, reading
from towpath.estate.advisories.osv import Advisory
from towpath.estate.models import Assessment, Exposure, Item, ItemKey
from towpath.estate.queries.exposures import libraries
from towpath.estate.queries.finding import item_meant
from towpath.estate.rules.permissions import WRITE_ESTATE
from towpath.estate.schemas.vex import VexTaken
from towpath.estate.vex.document import Target, VexDocument, VexStatement
from towpath.estate.vex.matching import means
from towpath.estate.vex.reading import read_vex
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.audit.writing import writing
from towpath.foundation.operations.home import home

BATCH = 500
MOST_TOLD = 100
STATUSES = {
    "not_affected": Assessment.Status.NOT_AFFECTED,
    "fixed": Assessment.Status.FIXED,
    "under_investigation": Assessment.Status.IN_TRIAGE,
    "affected": Assessment.Status.OPEN,
}


def take_vex(actor: Actor, path: Path, named: str = "", name: str = "") -> VexTaken:
    """Take in a document; `named`: the item that it is about, where its products are not known by a package
    URL here. `name`: of the file. Raises VexRefused, Http404, ValidationError, PermissionDenied."""
    require(actor, WRITE_ESTATE)
    holder = item_meant(actor, named) if named.strip() else None
    return take_statements(actor, read_vex(path, name), holder)


def take_statements(actor: Actor, document: VexDocument, holder: Item | None = None) -> VexTaken:
    """Each statement about an exposure is its author's assessment of it. Said again, it changes nothing.
    `affected` says no more than the advisory does, so it counts only where the author said otherwise
    before."""
    require(actor, WRITE_ESTATE)
    held, signed = _Held(actor, holder), f"VEX: {document.author}"[:200]
    made: dict[int, Assessment] = {}
    unchanged, unmatched = set[int](), list[str]()
    for statement in document.statements:
        rows = held.meant_by(statement)
        if not rows:
            unmatched.append(f"{statement.place}: {', '.join(statement.names)[:200]}")
        for row in rows:
            last = made.get(row.pk) or held.last_by(row, signed)
            if _says_more(statement, last):
                made[row.pk] = _assessment(row, statement, signed)
            else:
                unchanged.add(row.pk)
    if made:
        with writing(actor, "exposure.assessed", WRITE_ESTATE) as write:
            Assessment.objects.bulk_create(made.values(), batch_size=BATCH)
            write.target_type, write.target = Exposure._meta.label, document.named[:200]
            write.after = {"signed": signed, "format": document.format, "assessments": len(made)}
    return VexTaken(
        format=document.format,
        document=document.named,
        author=document.author,
        of_day=document.said_at,
        statements=len(document.statements),
        assessed=len(made),
        unchanged=len(unchanged - made.keys()),
        exposures=tuple(sorted(made)),
        nothing_here=len(unmatched),
        unmatched=tuple(unmatched[:MOST_TOLD]),
    )


def _says_more(statement: VexStatement, last: Assessment | None) -> bool:
    if last is None:
        return statement.status != "affected"
    return last.status != STATUSES[statement.status] or last.because != statement.because[:500]


def _assessment(row: Exposure, statement: VexStatement, signed: str) -> Assessment:
    because = statement.because[:500]
    return Assessment(exposure=row, status=STATUSES[statement.status], because=because, made_by=signed)


def _names(named: str, known: Advisories) -> tuple[str, ...]:
    return (known.advisory(named) or Advisory(named)).names


class _Held:
    """The exposures that are here (of one holder, where it is given), by the names of their advisory."""

    def __init__(self, actor: Actor, holder: Item | None) -> None:
        self.holder = holder
        rows = Exposure.objects.filter(gone_since=None).select_related("carrier")
        chosen = list((rows.filter(carrier=holder) if holder else rows).prefetch_related("assessments"))
        self.libraries = {each.item: each for each in libraries(actor)}
        self.by_name: dict[str, list[Exposure]] = defaultdict(list)
        with reading(home().root) as known:
            names = {named: _names(named, known) for named in {row.advisory for row in chosen}}
        for row in chosen:
            for name in names[row.advisory]:
                self.by_name[name].append(row)
        keys = ItemKey.objects.filter(scheme="purl", item__in={row.carrier_id for row in chosen})
        self.purls: dict[int, list[str]] = defaultdict(list)
        for item, purl in keys.values_list("item_id", "value"):
            self.purls[item].append(purl)

    def meant_by(self, statement: VexStatement) -> list[Exposure]:
        candidates = {row.pk: row for name in statement.names for row in self.by_name.get(name, ())}
        return [row for row in candidates.values() if any(self._is(row, each) for each in statement.targets)]

    def last_by(self, row: Exposure, signed: str) -> Assessment | None:
        return max(
            (each for each in row.assessments.all() if each.made_by == signed),
            key=lambda each: each.pk,
            default=None,
        )

    def _is(self, row: Exposure, target: Target) -> bool:
        if not target.part:
            return self.holder is not None or self._holds(row, target.holder)
        if self._part(row, target.part):
            return not target.holder or self.holder is not None or self._holds(row, target.holder)
        return not target.holder and self._holds(row, target.part)

    def _part(self, row: Exposure, written: str) -> bool:
        library = self.libraries.get(row.item_id)
        return library is not None and means(written, library.purl, library.version)

    def _holds(self, row: Exposure, written: str) -> bool:
        """Whether what holds the library is called so: by package URL, name, or kind:name."""
        if row.carrier is None or not written:
            return False
        names: Iterable[str] = (row.carrier.name, f"{row.carrier.kind}:{row.carrier.name}")
        return written in names or any(means(written, purl) for purl in self.purls[row.carrier.pk])
