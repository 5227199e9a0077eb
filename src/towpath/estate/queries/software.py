"""What is weak in a bill of materials, by the advisories that were taken in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.utils import timezone

from towpath.estate.advisories.ending import cycle_of, has_ended
from towpath.estate.advisories.keeping import Advisories, reading
from towpath.estate.advisories.marks import Cycle
from towpath.estate.advisories.matching import fixed_in, is_affected
from towpath.estate.advisories.osv import Advisory, Affected
from towpath.estate.advisories.scoring import GRAVEST, score_of, scores_of, severity_of
from towpath.estate.advisories.versions import NotComparable, is_of_release, package_of, release_of
from towpath.estate.bills import Bill, Part, Statement, read_bill
from towpath.estate.bills.locks import read_checkout
from towpath.estate.rules.permissions import READ_ESTATE
from towpath.estate.schemas.software import (
    CycleEnded,
    KnowledgeOf,
    KnownExploited,
    SoftwareScan,
    VulnerabilityFound,
)
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import require
from towpath.foundation.operations.home import home

MOST_NAMED = 100


def scan(actor: Actor, path: Path) -> SoftwareScan:
    """An SBOM, a checkout with lock files, or a Python environment. Raises BillRefused, PermissionDenied."""
    require(actor, READ_ESTATE)
    bill = read_checkout(path) if path.is_dir() else read_bill(path)
    return scanned(str(path), bill)


def scanned(name: str, bill: Bill) -> SoftwareScan:
    """What is known of each part of a bill; the gravest first."""
    looking = _Looking(bill)
    with reading(home().root) as known:
        for part in bill.parts:
            looking.look_at(part, known)
        knowledge = knowledge_in(known)
    return SoftwareScan(
        path=name,
        format=f"{bill.format} {bill.version}".strip(),
        parts=len(bill.parts),
        identified=looking.identified,
        unidentified=tuple(looking.unidentified[:MOST_NAMED]),
        vulnerabilities=tuple(sorted(looking.found, key=_urgency)),
        ended=tuple(looking.ended),
        unclear=tuple(looking.unclear[:MOST_NAMED]),
        doubts=bill.doubts,
        knowledge=knowledge,
    )


def _is_of(part: Part, affected: Affected) -> bool:
    """Whether an advisory for a distribution's release is for the part's. Raises NotComparable where the part
    does not say of which release it is."""
    ecosystem = affected.package.ecosystem if affected.package else ""
    if ":" not in ecosystem:
        return True
    release = release_of(part.purl)
    if not release:
        raise NotComparable(
            f"its package URL does not say of which release it is, and this is for {ecosystem}"
        )
    return is_of_release(ecosystem, release)


def knowledge_in(known: Advisories) -> tuple[KnowledgeOf, ...]:
    """What was taken in, and of which day it is."""
    return tuple(KnowledgeOf(each.name, each.rows, each.of_day, each.taken_at) for each in known.sources())


class _Looking:
    """Part by part through a bill."""

    def __init__(self, bill: Bill) -> None:
        self.identified = 0
        self.unidentified: list[str] = []
        self.unclear: list[str] = []
        self.found: list[VulnerabilityFound] = []
        self.ended: list[CycleEnded] = []
        self._said: dict[tuple[str, str], Statement] = {}
        for statement in bill.statements:
            for ref in statement.refs or ("",):
                self._said[statement.vulnerability, ref] = statement

    def look_at(self, part: Part, known: Advisories) -> None:
        package = package_of(part.purl) if part.purl else None
        if package is None or not (version := package[2] or part.version):
            self.unidentified.append(f"{part.name} {part.version}".strip())
            return
        self.identified += 1
        ecosystem, name, _version = package
        for advisory, affected in known.of_package(ecosystem, name):
            try:
                if _is_of(part, affected) and is_affected(ecosystem, version, affected):
                    self._note(part, version, advisory, affected, known)
            except NotComparable as error:
                self.unclear.append(f"{part.name} {version}, {advisory}: {error}")
        self.ended += _ended(part, version, known.cycles(f"{ecosystem}/{name}"))

    def _note(self, part: Part, version: str, named: str, affected: Affected, known: Advisories) -> None:
        told = known.advisory(named) or Advisory(named)
        said = next(filter(None, (self._statement(name, part) for name in told.names)), None)
        vectors = scores_of(told.severity)
        self.found.append(
            VulnerabilityFound(
                advisory=named,
                names=told.names,
                title=told.title,
                part=f"{part.group}/{part.name}" if part.group else str(part.name),
                version=str(version),
                purl=str(part.purl),
                fixed_in=fixed_in(affected),
                severity=severity_of(told),
                score=score_of(vectors),
                vectors=vectors,
                exploited=exploited_of(told, known),
                likelihood=likelihood_of(told, known),
                status=(said.status or "") if said else "",
                justification=str(said.justification or said.detail) if said else "",
            )
        )

    def _statement(self, vulnerability: str, part: Part) -> Statement | None:
        refs = (part.ref, part.purl, "")
        return next(filter(None, (self._said.get((vulnerability, ref)) for ref in refs)), None)


def exploited_of(told: Advisory, known: Advisories) -> KnownExploited | None:
    """CISA's word about any of the advisory's names."""
    found = next(filter(None, map(known.exploited, told.names)), None)
    return KnownExploited(found.added, found.due, found.ransomware, found.of_day) if found else None


def likelihood_of(told: Advisory, known: Advisories) -> float | None:
    """EPSS of the likeliest of its names."""
    found = (known.likelihood(name) for name in told.names)
    return max((chance for chance in found if chance is not None), default=None)


def _urgency(each: VulnerabilityFound) -> tuple[object, ...]:
    settled = each.status in {"not_affected", "fixed"}
    grave, score, chance = GRAVEST.index(each.severity), -(each.score or 0.0), -(each.likelihood or 0.0)
    return settled, each.exploited is None, grave, score, chance, each.part, each.advisory


def _ended(part: Part, version: str, cycles: list[Cycle]) -> Iterator[CycleEnded]:
    each = cycle_of(version, cycles)
    if each is not None and has_ended(each, timezone.localdate()):
        yield CycleEnded(str(part.name), str(version), str(part.purl), each.product, each.cycle, each.ends)
