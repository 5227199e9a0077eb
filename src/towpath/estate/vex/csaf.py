"""CSAF 2.0, as VEX and as an advisory (https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

import msgspec

from towpath.estate.bills import Status
from towpath.estate.vex.document import Target, VexDocument, VexRefused, VexStatement

VERSION = "2.0"
PROFILE = "csaf_vex"
Ids = list[str]


class _Helper(msgspec.Struct, frozen=True):
    purl: str = ""


class _Product(msgspec.Struct, frozen=True):
    product_id: str
    name: str
    helper: _Helper = msgspec.field(default=_Helper(), name="product_identification_helper")

    @property
    def called(self) -> str:
        return self.helper.purl or self.name


class _Branch(msgspec.Struct, frozen=True):
    branches: list[_Branch] = []
    product: _Product | None = None


class _Relationship(msgspec.Struct, frozen=True):
    full_product_name: _Product
    product_reference: str
    relates_to_product_reference: str


class _Group(msgspec.Struct, frozen=True):
    group_id: str
    product_ids: Ids


class _Tree(msgspec.Struct, frozen=True):
    branches: list[_Branch] = []
    full_product_names: list[_Product] = []
    relationships: list[_Relationship] = []
    product_groups: list[_Group] = []


class _Of(msgspec.Struct, frozen=True):
    product_ids: Ids = []
    group_ids: Ids = []


class _Flag(_Of, frozen=True, kw_only=True):
    label: Literal[
        "component_not_present",
        "inline_mitigations_already_exist",
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "vulnerable_code_not_in_execute_path",
        "vulnerable_code_not_present",
    ]


class _Threat(_Of, frozen=True, kw_only=True):
    category: str
    details: str


class _ProductStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    first_affected: Ids = []
    first_fixed: Ids = []
    fixed: Ids = []
    known_affected: Ids = []
    known_not_affected: Ids = []
    last_affected: Ids = []
    recommended: Ids = []
    under_investigation: Ids = []


class _Other(msgspec.Struct, frozen=True):
    text: str


class _Vulnerability(msgspec.Struct, frozen=True):
    cve: str = ""
    ids: list[_Other] = []
    product_status: _ProductStatus = _ProductStatus()
    flags: list[_Flag] = []
    threats: list[_Threat] = []


class _Publisher(msgspec.Struct, frozen=True):
    name: str


class _Tracking(msgspec.Struct, frozen=True):
    id: str
    current_release_date: str = ""


class _About(msgspec.Struct, frozen=True):
    category: str
    csaf_version: str
    publisher: _Publisher
    tracking: _Tracking


class _Document(msgspec.Struct, frozen=True):
    document: _About
    product_tree: _Tree = _Tree()
    vulnerabilities: list[_Vulnerability] = []


_STATUSES: dict[str, Status] = {
    "first_affected": "affected",
    "known_affected": "affected",
    "last_affected": "affected",
    "first_fixed": "fixed",
    "fixed": "fixed",
    "known_not_affected": "not_affected",
    "under_investigation": "under_investigation",
}
"""`recommended` says what to take, nothing of what is affected."""


def read_csaf(name: str, body: bytes) -> VexDocument:
    """Raises VexRefused."""
    try:
        found = msgspec.json.decode(body, type=_Document)
    except (msgspec.DecodeError, RecursionError) as error:
        what = f"It is no CSAF {VERSION} document: {error}."
        raise VexRefused(name, what, "Correct that place, or have its publisher do so.") from error
    about = found.document
    if about.csaf_version != VERSION:
        what = f"Its version of CSAF, {about.csaf_version[:20]!r}, is not known."
        raise VexRefused(name, what, f"Publish it as {VERSION}.")
    if not about.publisher.name.strip():
        raise VexRefused(name, "`document.publisher.name` is empty.", "Somebody must sign it.")
    statements = tuple(_Reading(name, found).statements())
    day = about.tracking.current_release_date[:10]
    return VexDocument(f"CSAF {VERSION}", about.tracking.id, about.publisher.name.strip(), day, statements)


class _Reading:
    """The product tree by identifier, and what is said of each."""

    def __init__(self, name: str, found: _Document) -> None:
        self.name, self.found = name, found
        tree = found.product_tree
        self.targets = {each.product_id: Target(each.called) for each in _products(tree)}
        for tie in tree.relationships:
            part, holder = (
                self.target(f"product_tree.relationships, {tie.full_product_name.product_id}", ref)
                for ref in (tie.product_reference, tie.relates_to_product_reference)
            )
            self.targets[tie.full_product_name.product_id] = Target(part.part, holder.part)
        self.groups = {each.group_id: each.product_ids for each in tree.product_groups}

    def target(self, place: str, product: str) -> Target:
        if product not in self.targets:
            what = f"{place}: the product {product[:100]!r} is not in its product tree."
            raise VexRefused(self.name, what, "Correct that place, or have its publisher do so.")
        return self.targets[product]

    def statements(self) -> Iterator[VexStatement]:
        for nth, each in enumerate(self.found.vulnerabilities):
            names = tuple(filter(None, (each.cve, *(other.text for other in each.ids))))
            place = f"vulnerabilities[{nth}]"
            if not names:
                raise VexRefused(self.name, f"{place} has neither `cve` nor `ids`.", "Name it.")
            why = self.reasons(each)
            for field, status in _STATUSES.items():
                yield from self.of(f"{place}.product_status.{field}", names, status, why, each)

    def of(
        self, place: str, names: tuple[str, ...], status: Status, why: dict[str, str], each: _Vulnerability
    ) -> Iterator[VexStatement]:
        """One statement for all products of which the same is said for the same reason."""
        told: dict[str, list[Target]] = defaultdict(list)
        for product in getattr(each.product_status, place.rpartition(".")[2]):
            target, reason = self.target(place, product), why.get(product, "")
            if status == "not_affected" and not reason and self.found.document.category == PROFILE:
                what = f"{place}: of {product[:100]!r} neither a flag nor an impact says why."
                raise VexRefused(self.name, what, "CSAF's VEX profile asks for one of them.")
            told[reason if status == "not_affected" else ""].append(target)
        for reason, targets in told.items():
            yield VexStatement(place, names, status, tuple(targets), reason)

    def reasons(self, each: _Vulnerability) -> dict[str, str]:
        """Why a product is not affected: the flag's label, and the impact in words."""
        found: dict[str, list[str]] = defaultdict(list)
        impacts = [(threat, threat.details) for threat in each.threats if threat.category == "impact"]
        for of, text in [*((flag, flag.label) for flag in each.flags), *impacts]:
            grouped = (product for group in of.group_ids for product in self.groups.get(group, ()))
            for product in dict.fromkeys((*of.product_ids, *grouped)):
                found[product].append(text)
        return {product: ": ".join(texts) for product, texts in found.items()}


def _products(tree: _Tree) -> Iterator[_Product]:
    yield from tree.full_product_names
    waiting = list(tree.branches)
    while waiting:
        branch = waiting.pop()
        waiting += branch.branches
        if branch.product is not None:
            yield branch.product
