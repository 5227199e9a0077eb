"""SPDX 2.2 and 2.3 as lines of "Tag: value", put into the shapes of its JSON."""

from __future__ import annotations

from towpath.estate.bills.bill import Bill, BillRefused
from towpath.estate.bills.spdx import Document, Package, Reference, Relationship, bill_of

_FIELDS = {
    "PackageVersion": "versionInfo",
    "PackageSupplier": "supplier",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageLicenseDeclared": "licenseDeclared",
    "PrimaryPackagePurpose": "primaryPackagePurpose",
}
_OTHER_THINGS = ("FileName", "SnippetSPDXID", "LicenseID", "Reviewer", "Annotator")
"""Tags with which something begins that is no package."""


def read_tag_value(name: str, text: str) -> Bill:
    """Raises BillRefused, with the line, for a text without an end and a relationship without its parts."""
    version, package = "", None
    packages: list[Package] = []
    relationships: list[Relationship] = []
    for line, tag, value in _pairs(name, text):
        if tag == "SPDXVersion":
            version = value
        elif tag == "PackageName":
            package = Package(name=value)
            packages.append(package)
        elif tag == "Relationship":
            relationships.append(_relationship(name, line, value))
        elif tag in _OTHER_THINGS:
            package = None
        elif package is not None:
            _take(package, tag, value)
    return bill_of(name, Document(version, packages=packages, relationships=relationships))


def _pairs(name: str, text: str) -> list[tuple[int, str, str]]:
    """(line, tag, value); a value between <text> and </text> may go over lines."""
    found: list[tuple[int, str, str]] = []
    lines = enumerate(text.splitlines(), start=1)
    for line, row in lines:
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        tag, colon, value = row.partition(":")
        if not colon:
            raise BillRefused(name, f"{row.strip()[:60]!r} is no `Tag: value`.", "Export it again.", line)
        value = value.strip()
        if value.startswith("<text>"):
            while "</text>" not in value:
                following = next(lines, None)
                if following is None:
                    raise BillRefused(
                        name, "A <text> has no end.", "The file was cut: export it again.", line
                    )
                value += "\n" + following[1]
            value = value.removeprefix("<text>").partition("</text>")[0]
        found.append((line, tag.strip(), value))
    return found


def _relationship(name: str, line: int, value: str) -> Relationship:
    words = value.split()
    if len(words) < 3:
        raise BillRefused(
            name, "A relationship needs two things and a word between.", "Export it again.", line
        )
    return Relationship(*words[:3])


def _take(package: Package, tag: str, value: str) -> None:
    if tag == "SPDXID":
        package.SPDXID = value
    elif tag == "ExternalRef" and len(words := value.split()) >= 3:
        package.externalRefs = [*(package.externalRefs or ()), Reference(words[1], words[2])]
    elif tag in _FIELDS:
        setattr(package, _FIELDS[tag], value)
