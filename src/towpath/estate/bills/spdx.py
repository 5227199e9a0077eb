"""SPDX 2.2 and 2.3 in JSON (https://spdx.github.io/spdx-spec/v2.3/)."""

from __future__ import annotations

import re

import msgspec

from towpath.estate.bills.bill import Bill, BillRefused, Part
from towpath.estate.bills.shapes import Lenient, Text, decode, named

VERSIONS = ("SPDX-2.2", "SPDX-2.3")
DOCUMENT = "SPDXRef-DOCUMENT"
NOTHING_SAID = ("", "NOASSERTION", "NONE")

DEPENDS = {"DEPENDS_ON", "CONTAINS", "DYNAMIC_LINK", "STATIC_LINK", "HAS_PREREQUISITE", "DESCENDANT_OF"}
"""Relationships in which the first hangs on, or holds, the second."""
DEPENDED_ON = {
    "DEPENDENCY_OF", "CONTAINED_BY", "PREREQUISITE_FOR", "BUILD_DEPENDENCY_OF", "DEV_DEPENDENCY_OF",
    "OPTIONAL_DEPENDENCY_OF", "PROVIDED_DEPENDENCY_OF", "RUNTIME_DEPENDENCY_OF", "TEST_DEPENDENCY_OF",
}  # fmt: skip
"""Those in which the second hangs on the first."""
_PARTY = re.compile(r"(?:Organization|Person|Tool):\s*(.*?)\s*(?:\(.*\))?", re.DOTALL)


class Reference(Lenient):
    referenceType: Text = Text()  # noqa: N815
    referenceLocator: Text = Text()  # noqa: N815


class Package(Lenient):
    SPDXID: Text = Text()
    name: Text = Text()
    versionInfo: Text = Text()  # noqa: N815
    supplier: Text = Text()
    licenseConcluded: Text = Text()  # noqa: N815
    licenseDeclared: Text = Text()  # noqa: N815
    primaryPackagePurpose: Text = Text()  # noqa: N815
    externalRefs: list[Reference] | None = None  # noqa: N815


class Relationship(Lenient):
    spdxElementId: Text = Text()  # noqa: N815
    relationshipType: Text = Text()  # noqa: N815
    relatedSpdxElement: Text = Text()  # noqa: N815


class Document(Lenient):
    spdxVersion: Text = Text()  # noqa: N815
    documentDescribes: list[str] | None = None  # noqa: N815
    packages: list[Package] | None = None
    relationships: list[Relationship] | None = None


def read_json(name: str, body: bytes) -> Bill:
    """Raises BillRefused for another version, or a document of another shape."""
    try:
        return bill_of(name, decode(body, Document))
    except msgspec.DecodeError as error:
        raise BillRefused(name, f"It is no SPDX document: {error}.", "Export it again.") from error


def bill_of(name: str, document: Document) -> Bill:
    """Packages become parts; files are left out. Raises BillRefused for a version that is not known."""
    if document.spdxVersion not in VERSIONS:
        remedy = f"Export it as one of {', '.join(VERSIONS)} or SPDX 3.0."
        raise BillRefused(name, f"Its version of SPDX, {document.spdxVersion!r}, is not known.", remedy)
    relationships = document.relationships or []
    described = [
        *(document.documentDescribes or ()),
        *(each.relatedSpdxElement for each in relationships if each.relationshipType == "DESCRIBES"),
        *(each.spdxElementId for each in relationships if each.relationshipType == "DESCRIBED_BY"),
    ]
    packages = document.packages or []
    known = {package.SPDXID for package in packages}
    roots = dict.fromkeys(ref for ref in described if ref in known)
    main = next(iter(roots)) if len(roots) == 1 else None
    about = next((part_of(package) for package in packages if main == package.SPDXID), None)
    found, doubts = named(part_of(package) for package in packages if main != package.SPDXID)
    links = dict.fromkeys(link for each in relationships if (link := _link(each)) and set(link) <= known)
    return Bill("SPDX", document.spdxVersion.removeprefix("SPDX-"), about, found, tuple(links), doubts=doubts)


def part_of(package: Package) -> Part:
    """A package as a part."""
    purls = (each.referenceLocator for each in package.externalRefs or () if each.referenceType == "purl")
    said = (package.licenseConcluded, package.licenseDeclared)
    return Part(
        ref=package.SPDXID,
        name=package.name,
        version=package.versionInfo,
        kind=package.primaryPackagePurpose.lower().replace("_", "-") or "library",
        purl=next(purls, ""),
        licences=tuple(dict.fromkeys(each for each in said if each not in NOTHING_SAID)),
        supplier=party(package.supplier),
    )


def party(text: str) -> str:
    """The name in "Organization: ACME (mail@acme.example)"."""
    found = _PARTY.fullmatch(text)
    return found[1] if found else "" if text in NOTHING_SAID else text


def _link(each: Relationship) -> tuple[str, str] | None:
    if each.relationshipType in DEPENDS:
        return each.spdxElementId, each.relatedSpdxElement
    if each.relationshipType in DEPENDED_ON:
        return each.relatedSpdxElement, each.spdxElementId
    return None
