"""From a file to a bill, whatever its format; what cannot be taken is refused with where and what to do."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path

import msgspec

from towpath.estate.bills import cyclonedx, cyclonedx_xml, spdx, spdx3, tag_value
from towpath.estate.bills.bill import Bill, BillRefused
from towpath.estate.bills.shapes import Lenient, Text, decode

MOST_BYTES = 512 << 20
"""Of the document itself, unpacked. What is larger is refused before it fills the memory."""
GZIP = b"\x1f\x8b"


class Outline(Lenient):
    """What tells the formats apart."""

    bomFormat: Text = Text()  # noqa: N815
    spdxVersion: Text = Text()  # noqa: N815
    context: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="@context")


def read_bill(path: Path) -> Bill:
    """CycloneDX 1.2 to 1.7 (JSON, XML), SPDX 2.2, 2.3 (JSON, tags) and 3.0 (JSON-LD), plain or gzip.

    Raises BillRefused. Memory: the document and its parts; a document above MOST_BYTES is not read.
    """
    body = _bytes_of(path)
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise BillRefused(path.name, "It is empty.", "Export it again.")
    if start.startswith(b"<"):
        return cyclonedx_xml.read_xml(path.name, body)
    if start.startswith((b"{", b"[")):
        return _json(path.name, body.removeprefix(b"\xef\xbb\xbf"))
    if b"SPDXVersion:" in start:
        return tag_value.read_tag_value(path.name, _text(path.name, body))
    what = "It is neither CycloneDX (JSON, XML) nor SPDX (JSON, tags)."
    raise BillRefused(
        path.name, what, "Make one with your build tool, or give the folder with the lock files."
    )


def _json(name: str, body: bytes) -> Bill:
    try:
        outline = decode(body, Outline)
    except msgspec.DecodeError as error:
        line = body.count(b"\n") + 1 if "truncated" in str(error) else None
        raise BillRefused(
            name, f"It is no JSON of a bill of materials: {error}.", "Export it again.", line
        ) from error
    if outline.bomFormat == "CycloneDX":
        return cyclonedx.read_json(name, body)
    if outline.spdxVersion:
        return spdx.read_json(name, body)
    if b"spdx.org" in bytes(outline.context):
        return spdx3.read_json(name, body)
    what = "It is JSON, but says neither `bomFormat`, `spdxVersion` nor SPDX's `@context`."
    raise BillRefused(name, what, "Export it as CycloneDX or SPDX.")


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP
            file.seek(0)
            body = (gzip.GzipFile(fileobj=file) if packed else file).read(MOST_BYTES + 1)
    except (zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise BillRefused(path.name, f"It cannot be unpacked: {error}.", "Export it again.") from error
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise BillRefused(
            path.name, f"It cannot be opened: {why}.", "Check its name and who may read it."
        ) from error
    if len(body) > MOST_BYTES:
        what = f"It holds more than {MOST_BYTES >> 20} MB."
        raise BillRefused(path.name, what, "Give one bill for each application instead of one for all.")
    return body


def _text(name: str, body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise BillRefused(name, "It is not in UTF-8.", "Export it in UTF-8.", line) from error
