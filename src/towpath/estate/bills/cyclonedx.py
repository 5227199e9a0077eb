"""CycloneDX 1.2 to 1.7 in JSON (https://cyclonedx.org/specification/overview/)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from towpath.estate.bills.bill import Bill, BillRefused, Part, Statement, Status
from towpath.estate.bills.shapes import Lenient, Refs, Text, decode, named

VERSIONS = tuple(f"1.{minor}" for minor in range(2, 8))
DEEPEST = 50
"""Components within components. Deeper is a mistake, or an attack on who reads it."""

STATUSES: dict[str, Status] = {
    "resolved": "fixed",
    "resolved_with_pedigree": "fixed",
    "exploitable": "affected",
    "in_triage": "under_investigation",
    "false_positive": "not_affected",
    "not_affected": "not_affected",
}
"""CycloneDX's states of an analysis in OpenVEX's words."""


class Licence(Lenient):
    id: Text = Text()
    name: Text = Text()


class LicenceChoice(Lenient):
    license: Licence | None = None
    expression: Text = Text()


class Party(Lenient):
    name: Text = Text()


class Component(Lenient):
    type: Text = Text("library")
    name: Text = Text()
    version: Text = Text()
    group: Text = Text()
    purl: Text = Text()
    bom_ref: Text = msgspec.field(default=Text(), name="bom-ref")
    licenses: list[LicenceChoice] | None = None
    supplier: Party | None = None
    components: list[Component] | None = None


class Service(Lenient):
    name: Text = Text()
    version: Text = Text()
    group: Text = Text()
    bom_ref: Text = msgspec.field(default=Text(), name="bom-ref")
    provider: Party | None = None
    services: list[Service] | None = None


class Depends(Lenient):
    ref: Text = Text()
    dependsOn: list[str] | None = None  # noqa: N815
    provides: list[str] | None = None


class Analysis(Lenient):
    state: Text = Text()
    justification: Text = Text()
    detail: Text = Text()


class Vulnerability(Lenient):
    id: Text = Text()
    analysis: Analysis | None = None
    affects: list[Refs] | None = None


class Metadata(Lenient):
    component: Component | None = None


class Document(Lenient):
    specVersion: Text = Text()  # noqa: N815
    metadata: Metadata | None = None
    components: list[Component] | None = None
    services: list[Service] | None = None
    dependencies: list[Depends] | None = None
    vulnerabilities: list[Vulnerability] | None = None


def read_json(name: str, body: bytes) -> Bill:
    """Raises BillRefused for another version, or a document of another shape."""
    try:
        return bill_of(name, decode(body, Document))
    except msgspec.DecodeError as error:
        raise BillRefused(name, f"It is no CycloneDX document: {error}.", "Export it again.") from error


def bill_of(name: str, document: Document) -> Bill:
    """Raises BillRefused for a version that is not known, and for components nested too deep."""
    if document.specVersion not in VERSIONS:
        remedy = f"Export it as one of {', '.join(VERSIONS)}."
        raise BillRefused(name, f"Its version of CycloneDX, {document.specVersion!r}, is not known.", remedy)
    about = document.metadata.component if document.metadata else None
    main = _part(about, 0) if about else None
    parts: list[Part] = []
    links: list[tuple[str, str]] = []
    for component, parent in _nested(name, document.components or ()):
        part = _part(component, len(parts) + 1)
        parts.append(part)
        if parent:
            links.append((parent, part.ref))
    parts += [
        _service(service, len(parts) + 1 + nth) for nth, service in enumerate(_services(name, document))
    ]
    links += [
        (each.ref, to)
        for each in document.dependencies or ()
        for to in (*(each.dependsOn or ()), *(each.provides or ()))
    ]
    statements = tuple(_statement(each) for each in document.vulnerabilities or ())
    found, doubts = named(parts)
    return Bill(
        "CycloneDX", document.specVersion, main, found, tuple(dict.fromkeys(links)), statements, doubts
    )


def _nested(name: str, components: list[Component] | tuple[()]) -> Iterator[tuple[Component, str]]:
    """All components, outer before inner; with each the ref of the one that holds it. What stands at the top
    of the list is not linked: `dependencies` says what hangs on what."""
    waiting = [(component, "", 0) for component in reversed(components)]
    while waiting:
        component, parent, depth = waiting.pop()
        if depth > DEEPEST:
            what = f"Its components are nested deeper than {DEEPEST}."
            raise BillRefused(name, what, "List what is within them beside them.")
        yield component, parent
        own = component.bom_ref or component.purl
        waiting += [(inner, own, depth + 1) for inner in reversed(component.components or ())]


def _services(name: str, document: Document) -> Iterator[Service]:
    waiting = [(service, 0) for service in reversed(document.services or ())]
    while waiting:
        service, depth = waiting.pop()
        if depth > DEEPEST:
            what = f"Its services are nested deeper than {DEEPEST}."
            raise BillRefused(name, what, "List what is within them beside them.")
        yield service
        waiting += [(inner, depth + 1) for inner in reversed(service.services or ())]


def _part(component: Component, place: int) -> Part:
    licences = (
        choice.expression or (choice.license.id or choice.license.name if choice.license else "")
        for choice in component.licenses or ()
    )
    return Part(
        ref=component.bom_ref or component.purl or f"#{place}",
        name=component.name,
        version=component.version,
        group=component.group,
        kind=component.type,
        purl=component.purl,
        licences=tuple(dict.fromkeys(filter(None, licences))),
        supplier=component.supplier.name if component.supplier else "",
    )


def _service(service: Service, place: int) -> Part:
    supplier = service.provider.name if service.provider else ""
    return Part(
        service.bom_ref or f"#{place}",
        service.name,
        service.version,
        service.group,
        "service",
        supplier=supplier,
    )


def _statement(vulnerability: Vulnerability) -> Statement:
    analysis = vulnerability.analysis or Analysis()
    refs = tuple(dict.fromkeys(each.ref for each in vulnerability.affects or () if each.ref))
    status = STATUSES.get(analysis.state)
    return Statement(vulnerability.id, status, refs, analysis.justification, analysis.detail)
