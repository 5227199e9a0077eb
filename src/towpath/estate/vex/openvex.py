"""OpenVEX 0.2 (https://github.com/openvex/spec, OPENVEX-SPEC.md)."""

from __future__ import annotations

from typing import Literal

import msgspec

from towpath.estate.bills import Status
from towpath.estate.vex.document import Target, VexDocument, VexRefused, VexStatement

CONTEXTS = ("https://openvex.dev/ns/v0.2.0", "https://openvex.dev/ns")
Justification = Literal[
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
]


class _Named(msgspec.Struct, frozen=True):
    id: str = msgspec.field(default="", name="@id")
    identifiers: dict[str, str] = {}

    @property
    def called(self) -> str:
        return self.identifiers.get("purl") or self.id


class _Product(_Named, frozen=True):
    subcomponents: list[_Named] = []


class _Vulnerability(msgspec.Struct, frozen=True):
    name: str
    aliases: list[str] = []


class _Statement(msgspec.Struct, frozen=True):
    vulnerability: _Vulnerability
    status: Status
    products: list[_Product] = []
    justification: Justification | None = None
    impact_statement: str = ""
    action_statement: str = ""
    status_notes: str = ""


class _Document(msgspec.Struct, frozen=True):
    context: str = msgspec.field(name="@context")
    id: str = msgspec.field(name="@id")
    author: str
    timestamp: str
    statements: list[_Statement]
    last_updated: str = ""


def read_openvex(name: str, body: bytes) -> VexDocument:
    """Raises VexRefused."""
    try:
        found = msgspec.json.decode(body, type=_Document)
    except (msgspec.DecodeError, RecursionError) as error:
        what = f"It is no OpenVEX 0.2 document: {error}."
        raise VexRefused(name, what, "Correct that place, or have its author do so.") from error
    if found.context not in CONTEXTS:
        what = f"Its version of OpenVEX, {found.context[:100]!r}, is not known."
        raise VexRefused(name, what, f"Write it with {CONTEXTS[0]}.")
    if not found.author.strip():
        raise VexRefused(name, "`author` is empty.", "A statement needs somebody who signs it.")
    statements = tuple(_statement(name, nth, each) for nth, each in enumerate(found.statements))
    said_at = (found.last_updated or found.timestamp)[:10]
    return VexDocument("OpenVEX 0.2", found.id, found.author.strip(), said_at, statements)


def _statement(name: str, nth: int, each: _Statement) -> VexStatement:
    place = f"statements[{nth}]"
    if not each.products:
        raise VexRefused(name, f"{place} names no product.", "Say which products it is of.")
    if each.status == "not_affected" and not (each.justification or each.impact_statement.strip()):
        what = f"{place} says not_affected without `justification` or `impact_statement`."
        raise VexRefused(name, what, "OpenVEX asks for one of them.")
    said = (each.justification, each.impact_statement, each.action_statement, each.status_notes)
    return VexStatement(
        place,
        tuple(dict.fromkeys((each.vulnerability.name, *each.vulnerability.aliases))),
        each.status,
        tuple(target for product in each.products for target in _targets(name, place, product)),
        ": ".join(text.strip() for text in said if text and text.strip()),
    )


def _targets(name: str, place: str, product: _Product) -> list[Target]:
    if not product.called:
        what = f"{place} has a product with neither `@id` nor a purl."
        raise VexRefused(name, what, "Name the product.")
    parts = [Target(each.called, product.called) for each in product.subcomponents if each.called]
    return parts or [Target(product.called)]
