"""SPDX 3.0 as JSON-LD in its compact form (https://spdx.github.io/spdx-spec/v3.0.1/)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from towpath.estate.bills.bill import Bill, BillRefused, Part, Statement, Status
from towpath.estate.bills.shapes import Lenient, Text, decode, named
from towpath.estate.bills.spdx import NOTHING_SAID

PACKAGES = ("software_Package", "ai_AIPackage", "dataset_DatasetPackage")
DEPENDS = {
    "dependsOn",
    "contains",
    "hasDynamicLink",
    "hasStaticLink",
    "hasPrerequisite",
    "hasOptionalDependency",
}
LICENCES = {"hasConcludedLicense", "hasDeclaredLicense"}
STATUSES: dict[str, Status] = {
    "affects": "affected",
    "doesNotAffect": "not_affected",
    "fixedIn": "fixed",
    "underInvestigationFor": "under_investigation",
}


class Identifier(Lenient):
    externalIdentifierType: Text = Text()  # noqa: N815
    identifier: Text = Text()


class Element(Lenient):
    type: Text = Text()
    spdxId: Text = Text()  # noqa: N815
    node: Text = msgspec.field(default=Text(), name="@id")
    name: Text = Text()
    specVersion: Text = Text()  # noqa: N815
    software_packageVersion: Text = Text()  # noqa: N815
    software_packageUrl: Text = Text()  # noqa: N815
    software_primaryPurpose: Text = Text()  # noqa: N815
    simplelicensing_licenseExpression: Text = Text()  # noqa: N815
    suppliedBy: Text | None = None  # noqa: N815
    externalIdentifier: list[Identifier] | None = None  # noqa: N815
    rootElement: list[str] | None = None  # noqa: N815
    relationshipType: Text = Text()  # noqa: N815
    from_: Text = msgspec.field(default=Text(), name="from")
    to: list[str] | None = None


class Graph(Lenient):
    graph: list[Element] = msgspec.field(name="@graph")


def read_json(name: str, body: bytes) -> Bill:
    """Raises BillRefused for a document of another shape or version."""
    try:
        elements = decode(body, Graph).graph
    except msgspec.DecodeError as error:
        what = f"It is no SPDX 3.0 document in its compact form: {error}."
        raise BillRefused(name, what, "Export it again, or as SPDX 2.3.") from error
    version = next((each.specVersion for each in elements if each.specVersion), "")
    if not version.startswith("3.0"):
        raise BillRefused(name, f"Its version of SPDX, {version!r}, is not known.", "Export it as SPDX 3.0.")
    return _Graph(elements).bill(version)


class _Graph:
    def __init__(self, elements: list[Element]) -> None:
        self.elements = elements
        self.by_id = {each.spdxId or each.node: each for each in elements}
        self.said: dict[str, list[tuple[str, str]]] = {}
        for each in elements:
            for to in each.to or ():
                self.said.setdefault(each.from_, []).append((each.relationshipType, to))

    def bill(self, version: str) -> Bill:
        packages = {each.spdxId: self.part(each) for each in self.elements if each.type in PACKAGES}
        roots = dict.fromkeys(ref for ref in self.described() if ref in packages)
        main = next(iter(roots)) if len(roots) == 1 else None
        found, doubts = named(part for ref, part in packages.items() if ref != main)
        links = dict.fromkeys(
            (ref, to)
            for ref in packages
            for kind, to in self.said.get(ref, ())
            if kind in DEPENDS and to in packages
        )
        about = packages.get(main) if main else None
        return Bill("SPDX", version, about, found, tuple(links), tuple(self.statements()), doubts)

    def described(self) -> Iterable[str]:
        """What the document says it is about: through a bill within it, too."""
        for each in self.elements:
            if each.type == "SpdxDocument":
                for ref in each.rootElement or ():
                    inner = self.by_id.get(ref)
                    yield from (inner.rootElement or ()) if inner and inner.type not in PACKAGES else (ref,)
                yield from (to for kind, to in self.said.get(each.spdxId, ()) if kind == "describes")

    def part(self, package: Element) -> Part:
        purls = (
            each.identifier
            for each in package.externalIdentifier or ()
            if each.externalIdentifierType == "packageUrl"
        )
        supplier = self.by_id.get(package.suppliedBy or "")
        licences = (self.licence(to) for kind, to in self.said.get(package.spdxId, ()) if kind in LICENCES)
        return Part(
            ref=package.spdxId,
            name=package.name,
            version=package.software_packageVersion,
            kind=package.software_primaryPurpose or "library",
            purl=package.software_packageUrl or next(purls, ""),
            licences=tuple(dict.fromkeys(each for each in licences if each not in NOTHING_SAID)),
            supplier=supplier.name if supplier else "",
        )

    def licence(self, ref: str) -> str:
        found = self.by_id.get(ref)
        if found is None:
            return ref.rpartition("/")[2]
        return found.simplelicensing_licenseExpression or found.name

    def statements(self) -> Iterable[Statement]:
        for each in self.elements:
            status = STATUSES.get(each.relationshipType)
            if status and (about := self.by_id.get(each.from_)):
                yield Statement(about.name, status, tuple(each.to or ()))
