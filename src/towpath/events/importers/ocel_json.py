"""OCEL 2.0 as JSON. The file is one JSON object, so it is held in memory while it is read: up to a limit."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from towpath.events.importers.chunks import LINE_KEY, Block, ImportFailed, Row
from towpath.events.importers.files import Source
from towpath.events.importers.ocel import OcelEvent, OcelObject, OcelRows, OcelType, Placed, in_blocks
from towpath.events.importers.ocel_sqlite import SQLITE_MAGIC
from towpath.events.mapping import Mapping

MAX_JSON_BYTES = 512_000_000
_SHOWN = 2_000
_EXAMPLE = "An OCEL 2.0 file has objectTypes, eventTypes, objects and events."


class _Document(msgspec.Struct):
    """The parts of a log, each item undecoded: one that is wrong is refused alone."""

    events: list[msgspec.Raw]
    objects: list[msgspec.Raw] = []
    eventTypes: list[OcelType] = []  # noqa: N815 (OCEL's own names)
    objectTypes: list[OcelType] = []  # noqa: N815


class _Named(msgspec.Struct):
    id: str
    type: str


def read_ocel_json(source: Source, mapping: Mapping, chunk_rows: int) -> Iterator[Block]:
    """Blocks of `chunk_rows` rows: events in the order of the file, then types and objects. Raises
    ImportFailed for a file that is no OCEL 2.0, or larger than MAX_JSON_BYTES when unpacked."""
    document = _document(source)
    return in_blocks(_placed(document, mapping), chunk_rows)


def _placed(document: _Document, mapping: Mapping) -> Iterator[Placed]:
    rows = OcelRows(_types_of(document.objects), mapping.columns())
    for number, raw in enumerate(document.events, start=1):
        place = f"event {number:,}"
        try:
            event = msgspec.json.decode(raw, type=OcelEvent)
        except (msgspec.DecodeError, RecursionError) as error:
            yield _broken(place, raw, error)
        else:
            yield rows.event_row(event, place, number)
    types = rows.types_row(document.eventTypes, document.objectTypes)
    if types is not None:
        yield types
    for number, raw in enumerate(document.objects, start=1):
        place = f"object {number:,}"
        try:
            found = rows.object_row(msgspec.json.decode(raw, type=OcelObject), place)
        except (msgspec.DecodeError, RecursionError) as error:
            yield _broken(place, raw, error)
        else:
            if found is not None:
                yield found


def _broken(place: str, raw: msgspec.Raw, error: Exception) -> Placed:
    shown: Row = {LINE_KEY: bytes(raw)[:_SHOWN].decode("utf-8", "backslashreplace")}
    return Placed(place, shown, f"this is not as OCEL 2.0 has it ({error})")


def _types_of(objects: list[msgspec.Raw]) -> dict[str, str]:
    types: dict[str, str] = {}
    for raw in objects:
        try:
            found = msgspec.json.decode(raw, type=_Named)
        except (msgspec.DecodeError, RecursionError):
            continue  # told of where the objects are read
        types.setdefault(found.id, found.type)
    return types


def _document(source: Source) -> _Document:
    blocks: list[bytes] = []
    size = 0
    while block := source.read():
        if not blocks and block.startswith(SQLITE_MAGIC):
            raise ImportFailed(
                source.name, None, "A database is not read packed.", "Unpack it (gunzip) first."
            )
        blocks.append(block)
        size += len(block)
        if size > MAX_JSON_BYTES:
            what = f"This OCEL log holds more than {MAX_JSON_BYTES:,} bytes, and JSON is read as a whole."
            raise ImportFailed(source.name, None, what, "Save it as OCEL 2.0 SQLite, which is read in parts.")
    text = b"".join(blocks).removeprefix(b"\xef\xbb\xbf")
    if b'"ocel:events"' in text[:1_000_000] or b'"ocel:global-log"' in text[:1_000_000]:
        raise ImportFailed(source.name, 1, "This is OCEL 1.0.", "Save it as OCEL 2.0 (pm4py can).")
    try:
        return msgspec.json.decode(text, type=_Document)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ImportFailed(source.name, None, f"This is not an OCEL 2.0 log ({error}).", _EXAMPLE) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        remedy = "Export the log again; was it cut off?"
        raise ImportFailed(source.name, None, f"The JSON cannot be read ({error}).", remedy) from error
