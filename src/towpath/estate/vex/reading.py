"""From a file to what it says of weaknesses, whatever its format."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import msgspec

from towpath.estate.bills import Bill, BillRefused, read_bill
from towpath.estate.vex.csaf import read_csaf
from towpath.estate.vex.document import Target, VexDocument, VexRefused, VexStatement, checked
from towpath.estate.vex.openvex import read_openvex

MOST_BYTES = 32 << 20
_REMEDY = "Give OpenVEX 0.2, CSAF 2.0 or CycloneDX."


class _Outline(msgspec.Struct):
    context: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="@context")
    document: msgspec.Raw = msgspec.Raw()
    bomFormat: msgspec.Raw = msgspec.Raw()  # noqa: N815


def read_vex(path: Path, name: str = "") -> VexDocument:
    """OpenVEX 0.2, CSAF 2.0, or CycloneDX with `vulnerabilities`. `name`: of the file, for errors. Raises
    VexRefused."""
    name = name or path.name
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise VexRefused(name, f"It cannot be opened: {error.strerror}.", "Check its name.") from error
    if len(body) > MOST_BYTES:
        raise VexRefused(name, f"It holds more than {MOST_BYTES >> 20} MB.", "Give it in parts.")
    body = body.removeprefix(b"\xef\xbb\xbf")
    if body.lstrip()[:1] == b"<":
        return checked(name, _of_bill(path, name))
    try:
        outline = msgspec.json.decode(body, type=_Outline)
    except (msgspec.DecodeError, RecursionError) as error:
        raise VexRefused(name, f"It is no JSON that can be read: {error}.", _REMEDY) from error
    if b"openvex" in bytes(outline.context):
        return checked(name, read_openvex(name, body))
    if bytes(outline.document):
        return checked(name, read_csaf(name, body))
    if bytes(outline.bomFormat):
        return checked(name, _of_bill(path, name))
    what = "It has neither OpenVEX's `@context`, CSAF's `document` nor CycloneDX's `bomFormat`."
    raise VexRefused(name, what, _REMEDY)


def _of_bill(path: Path, name: str) -> VexDocument:
    try:
        found = vex_of(read_bill(path), name)
    except BillRefused as error:
        raise VexRefused(name, error.what, error.remedy) from error
    if not found.statements:
        raise VexRefused(name, "It says nothing of any vulnerability.", _REMEDY)
    return found


def vex_of(bill: Bill, name: str) -> VexDocument:
    """What a bill says itself; it signs with the file's name."""
    purls = {part.ref: part.purl for part in (*bill.parts, *((bill.about,) if bill.about else ()))}
    statements = []
    for nth, each in enumerate(bill.statements):
        if each.status is not None:
            targets = tuple(_target(ref, purls, bill) for ref in each.refs) or (Target(),)
            because = ": ".join(filter(None, (each.justification, each.detail)))
            place = f"vulnerabilities[{nth}]"
            statements.append(VexStatement(place, (each.vulnerability,), each.status, targets, because))
    return VexDocument(f"{bill.format} {bill.version}", name, name, "", tuple(statements))


def _target(ref: str, purls: dict[str, str], bill: Bill) -> Target:
    """A reference to a part of the same bill, a purl, or a link into another bill that ends with one. What
    is said of the whole that the bill describes is said of all in it."""
    if bill.about is not None and ref == bill.about.ref:
        return Target(holder=bill.about.purl or bill.about.name)
    return Target(purls.get(ref) or unquote(ref.rpartition("#")[2]))
