"""Libraries of the estate by package."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from packageurl import PackageURL

from towpath.estate.advisories.ending import cycle_of, has_ended
from towpath.estate.advisories.keeping import Advisories, reading
from towpath.estate.advisories.matching import fixed_in
from towpath.estate.advisories.osv import Advisory
from towpath.estate.advisories.scoring import GRAVEST, score_of, scores_of, severity_of
from towpath.estate.advisories.versions import NotComparable, ordered, package_of
from towpath.estate.models import Exposure, Fact, Item
from towpath.estate.queries.at_risk import carried_through
from towpath.estate.queries.deadlines import SETTLED
from towpath.estate.queries.exposures import Library, libraries, told_of
from towpath.estate.queries.ruling import rules_in_force
from towpath.estate.queries.software import knowledge_in
from towpath.estate.rules.licensing import is_spdx, licences_in
from towpath.estate.rules.wording import kind_in_words
from towpath.estate.schemas.exposures import ExposureShown
from towpath.estate.schemas.item import ItemShown
from towpath.estate.schemas.libraries import (
    AdvisoryOfLibrary,
    EndOfLife,
    HolderShown,
    LibraryList,
    LibraryMark,
    LibraryRow,
    LibraryShown,
    LicenceKind,
    LicenceList,
    LicenceRow,
    VersionHeld,
)
from towpath.foundation.access.actor import Actor
from towpath.foundation.access.gate import visible
from towpath.foundation.operations.home import home

MOST, MOST_ADVISORIES, MOST_HOLDERS = 500, 100, 20


@dataclass(frozen=True)
class HeldLibrary:
    """A library in one version. `package`: its purl without version and qualifiers."""

    library: Library
    package: str
    name: str
    version: str
    licences: tuple[str, ...]


def held_libraries(actor: Actor) -> list[HeldLibrary]:
    """All that are here. Raises PermissionDenied."""
    known = libraries(actor)
    facts = Fact.objects.filter(field="licence", until=None).order_by("last_seen")
    licences = dict(facts.values_list("item_id", "value"))
    found = []
    for each in known:
        try:
            purl = PackageURL.from_string(each.purl)
        except ValueError:
            continue
        name = "/".join(filter(None, (purl.namespace, purl.name)))
        version = purl.version or each.version
        found.append(HeldLibrary(each, bare(purl), name, version, licences_in(licences.get(each.item, ""))))
    return found


def bare(purl: PackageURL) -> str:
    """The package alone, in one spelling."""
    return PackageURL(purl.type, purl.namespace, purl.name).to_string()


def package_meant(named: str) -> str:
    """The package that a purl, with or without version, is of. Raises Http404."""
    try:
        return bare(PackageURL.from_string(named.strip().strip("/")))
    except ValueError as error:
        raise Http404(_("No library is called %(name)s.") % {"name": named[:100]}) from error


def library_list(actor: Actor, q: str = "", licence: str | None = None) -> LibraryList:
    """By name; `q`: words within the package URL; `licence`: that one, "" for those of which none is known.
    Raises PermissionDenied."""
    packages: dict[str, list[HeldLibrary]] = defaultdict(list)
    words = q.lower().split()[:8]
    for each in held_libraries(actor):
        if (licence is None or licence in (each.licences or ("",))) and all(
            word in each.library.purl.lower() for word in words
        ):
            packages[each.package].append(each)
    chosen = sorted(packages.items(), key=lambda pair: (pair[1][0].name.lower(), pair[0]))[:MOST]
    weak = _weak(actor)
    with reading(home().root) as known:
        ends = EndsOfLife(known)
        rows = tuple(_row(package, of, weak, ends) for package, of in chosen)
    return LibraryList(len(packages), rows)


def library(actor: Actor, named: str) -> LibraryShown:
    """The package that a purl names. Raises Http404, PermissionDenied."""
    package = package_meant(named)
    of = [each for each in held_libraries(actor) if each.package == package]
    if not of:
        raise Http404(_("Nobody here holds %(name)s.") % {"name": package[:200]})
    items = {each.library.item for each in of}
    rows = visible(Exposure, actor).filter(item__in=items).select_related("item", "carrier")
    chosen = rows.prefetch_related("assessments")
    holders = holders_of(carrier for each in of for carrier in each.library.carriers)
    with reading(home().root) as known:
        exposed = [each for each in told_of(list(chosen), known) if each.gone_since is None]
        weak = Counter(each.item for each in exposed if each.status not in SETTLED)
        ends = EndsOfLife(known)
        advisories = _advisories(package, of, exposed, known)
        return LibraryShown(
            library=_row(package, of, weak, ends),
            versions=tuple(_version(each, weak, ends, holders) for each in _by_version(of)),
            exposures=tuple(exposed[:MOST]),
            advisories=tuple(advisories[:MOST_ADVISORIES]),
            advisories_known=len(advisories),
            carried=carried_through(actor, holders or items),
            knowledge=knowledge_in(known),
        )


def licence_list(actor: Actor, q: str = "", only: LicenceKind = "") -> LicenceList:
    """`q`: words within the licence; `only`: "spdx" expressions, "other" names, or "unknown" ones. Raises
    PermissionDenied."""
    held = held_libraries(actor)
    of: dict[str, list[HeldLibrary]] = defaultdict(list)
    for each in held:
        for licence in each.licences or ("",):
            of[licence].append(each)
    unknown = len(of.get("", ()))
    words = q.lower().split()[:8]
    chosen = {
        licence: some
        for licence, some in of.items()
        if all(word in licence.lower() for word in words) and only in ("", _licence_kind(licence))
    }
    holders = holders_of(item for some in chosen.values() for each in some for item in each.library.carriers)
    rows = [_licence(licence, some, holders) for licence, some in chosen.items()]
    rows.sort(key=lambda row: (-row.versions, row.licence))
    return LicenceList(len(held), unknown, tuple(rows[:MOST]))


def _licence_kind(licence: str) -> LicenceKind:
    if not licence:
        return "unknown"
    return "spdx" if is_spdx(licence) else "other"


def _licence(licence: str, of: list[HeldLibrary], holders: dict[int, HolderShown]) -> LicenceRow:
    mine = {item for each in of for item in each.library.carriers}
    shown = tuple(each for item, each in holders.items() if item in mine)
    return LicenceRow(
        licence=licence,
        spdx=_licence_kind(licence) == "spdx",
        libraries=len({each.package for each in of}),
        versions=len(of),
        holders=shown[:MOST_HOLDERS],
        holders_in_all=len(shown),
    )


class EndsOfLife:
    """Until when versions are mended, by the endoflife data of a day."""

    def __init__(self, known: Advisories) -> None:
        self.known, self.today = known, timezone.localdate()
        self.of_day = next((each.of_day for each in known.sources() if each.name == "endoflife"), "")

    def of(self, purl: str, version: str) -> EndOfLife | None:
        package = package_of(purl)
        if package is None or not version:
            return None
        each = cycle_of(version, self.known.cycles(f"{package[0]}/{package[1]}"))
        if each is None:
            return None
        return EndOfLife(each.product, each.cycle, each.ends, has_ended(each, self.today), self.of_day)


def library_of(found: ItemShown) -> LibraryMark | None:
    """Of an item that is known by a package URL; None for another one."""
    purl = next((key.value for key in found.keys if key.scheme == "purl"), "")
    try:
        told = PackageURL.from_string(purl)
    except ValueError:
        return None
    version = told.version or next((each.value for each in found.fields if each.field == "version"), "")
    with reading(home().root) as known:
        return LibraryMark(bare(told), version, EndsOfLife(known).of(purl, version))


def holders_of(items: Iterable[int]) -> dict[int, HolderShown]:
    """Items as holders, by number."""
    rules = rules_in_force()
    rows = Item.objects.filter(pk__in=set(items)).order_by("name")
    return {row.pk: HolderShown(row.pk, row.name, kind_in_words(row.kind, rules)) for row in rows}


def _weak(actor: Actor) -> Counter[int]:
    """How many exposures of each library nobody settled."""
    rows = visible(Exposure, actor).filter(gone_since=None).select_related("item", "carrier")
    with reading(home().root) as known:
        shown = told_of(list(rows.prefetch_related("assessments")), known)
    return Counter(each.item for each in shown if each.status not in SETTLED)


def _row(package: str, of: list[HeldLibrary], weak: Counter[int], ends: EndsOfLife) -> LibraryRow:
    known = package_of(package)
    ended = (ends.of(each.library.purl, each.version) for each in of)
    return LibraryRow(
        purl=package,
        name=of[0].name,
        ecosystem=known[0] if known else PackageURL.from_string(package).type,
        versions=tuple(dict.fromkeys(each.version for each in _by_version(of) if each.version)),
        licences=tuple(sorted({licence for each in of for licence in each.licences})),
        holders=len({carrier for each in of for carrier in each.library.carriers}),
        weak=sum(weak[each.library.item] for each in of),
        ended=sum(each is not None and each.ended for each in ended),
    )


def _by_version(of: Iterable[HeldLibrary]) -> list[HeldLibrary]:
    """Of one package, the lowest first as its ecosystem counts; as texts where one cannot be compared."""
    plain = sorted(of, key=lambda each: (each.version, each.library.item))
    try:
        return sorted(plain, key=lambda each: ordered(_ecosystem(each.library.purl), each.version))
    except (NotComparable, TypeError):
        return plain


def _ecosystem(purl: str) -> str:
    known = package_of(purl)
    return known[0] if known else ""


def _by_name(each: HolderShown) -> tuple[str, int]:
    return each.name, each.id


def _version(
    each: HeldLibrary, weak: Counter[int], ends: EndsOfLife, holders: dict[int, HolderShown]
) -> VersionHeld:
    return VersionHeld(
        item=each.library.item,
        purl=each.library.purl,
        version=each.version,
        licences=each.licences,
        weak=weak[each.library.item],
        end_of_life=ends.of(each.library.purl, each.version),
        holders=tuple(
            sorted((holders[item] for item in each.library.carriers if item in holders), key=_by_name)
        ),
    )


def _advisories(
    package: str, of: list[HeldLibrary], exposed: list[ExposureShown], known: Advisories
) -> list[AdvisoryOfLibrary]:
    """Of the package; those that affect a version held first, the gravest of them at the top."""
    named = package_of(package)
    versions = {each.library.item: each.version for each in of}
    affects: dict[str, set[str]] = defaultdict(set)
    for exposure in exposed:
        affects[exposure.advisory].add(versions[exposure.item])
    mended: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for advisory, affected in known.of_package(named[0], named[1]) if named else ():
        mended[advisory] += fixed_in(affected)
    found = []
    for advisory in dict.fromkeys((*affects, *mended)):
        told = known.advisory(advisory) or Advisory(advisory)
        fixed = tuple(dict.fromkeys(mended[advisory]))
        score, hit = score_of(scores_of(told.severity)), tuple(sorted(affects[advisory]))
        found.append(AdvisoryOfLibrary(advisory, told.title, severity_of(told), score, fixed, hit))
    return sorted(found, key=lambda each: (not each.affects, GRAVEST.index(each.severity), each.advisory))
