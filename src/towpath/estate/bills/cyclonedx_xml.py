"""CycloneDX in XML: put into the shapes of its JSON, so that both are understood alike."""

from __future__ import annotations

import re

from lxml import etree

from towpath.estate.bills.bill import Bill, BillRefused
from towpath.estate.bills.cyclonedx import (
    Analysis,
    Component,
    Depends,
    Document,
    Licence,
    LicenceChoice,
    Metadata,
    Party,
    Service,
    Vulnerability,
    bill_of,
)
from towpath.estate.bills.shapes import Refs

NAMESPACE = re.compile(r"\{http://cyclonedx\.org/schema/bom/(\d+\.\d+)\}bom")
DEEPEST = 200
"""Elements within elements that one may follow; libxml2 refuses what is deeper than 256 by itself."""


def read_xml(name: str, body: bytes) -> Bill:
    """Raises BillRefused: no XML, a document type (entities can be an attack), or no bill of CycloneDX."""
    root = parse(name, body)
    found = NAMESPACE.fullmatch(root.tag)
    if not found:
        begin = etree.QName(root).localname
        what = f"It is XML, but no bill of materials of CycloneDX: it begins with <{begin}>."
        raise BillRefused(name, what, "Export it as CycloneDX or SPDX.")
    return bill_of(name, _document(root, found[1]))


def parse(name: str, body: bytes) -> etree._Element:
    """The root of a document that names no entities and loads nothing. Raises BillRefused."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        what = f"It is no XML that can be read: {error.msg}."
        raise BillRefused(name, what, "Export it again.", error.lineno) from error
    if root.getroottree().docinfo.doctype:
        what = "It has a document type, through which entities can be brought in."
        raise BillRefused(name, what, "Take the DOCTYPE out; a bill of materials needs none.", 1)
    return root


def _document(root: etree._Element, version: str) -> Document:
    metadata = root.find("{*}metadata/{*}component")
    return Document(
        specVersion=version,
        metadata=Metadata(_component(metadata)) if metadata is not None else None,
        components=_components(root),
        services=_services(root),
        dependencies=[
            Depends(each.get("ref", ""), [inner.get("ref", "") for inner in each.findall("{*}dependency")])
            for each in root.iterfind("{*}dependencies/{*}dependency")
        ],
        vulnerabilities=[
            _vulnerability(each) for each in root.iterfind("{*}vulnerabilities/{*}vulnerability")
        ],
    )


def _components(within: etree._Element) -> list[Component]:
    return [_component(each) for each in within.iterfind("{*}components/{*}component")]


def _component(element: etree._Element) -> Component:
    supplier = element.find("{*}supplier")
    return Component(
        type=element.get("type", "library"),
        name=_text(element, "name"),
        version=_text(element, "version"),
        group=_text(element, "group"),
        purl=_text(element, "purl"),
        bom_ref=element.get("bom-ref", ""),
        licenses=_licences(element),
        supplier=Party(_text(supplier, "name")) if supplier is not None else None,
        components=_components(element),
    )


def _licences(element: etree._Element) -> list[LicenceChoice]:
    found = [
        LicenceChoice(Licence(_text(each, "id"), _text(each, "name")))
        for each in element.iterfind("{*}licenses/{*}license")
    ]
    expressions = element.iterfind("{*}licenses/{*}expression")
    return [*found, *(LicenceChoice(expression=(each.text or "").strip()) for each in expressions)]


def _services(within: etree._Element) -> list[Service]:
    return [
        Service(
            name=_text(each, "name"),
            version=_text(each, "version"),
            group=_text(each, "group"),
            bom_ref=each.get("bom-ref", ""),
            provider=Party(_text(each, "provider/{*}name")),
            services=_services(each),
        )
        for each in within.iterfind("{*}services/{*}service")
    ]


def _vulnerability(element: etree._Element) -> Vulnerability:
    refs = [Refs((each.text or "").strip()) for each in element.iterfind("{*}affects/{*}target/{*}ref")]
    words = (_text(element, f"analysis/{{*}}{name}") for name in ("state", "justification", "detail"))
    return Vulnerability(_text(element, "id"), Analysis(*words), refs)


def _text(element: etree._Element, path: str) -> str:
    return (element.findtext(f"{{*}}{path}") or "").strip()
