"""From the lake's events to OCEL 2.0: what came as OCEL goes out as it came, the rest as Towpath's own.

An event from elsewhere carries each field of its envelope as an attribute, and `towpath` (the envelope's
version), by which the importer knows it and gives it back as it was. Its customer, case, session and ticket
are objects. `received` stays behind: it says when this Towpath got the event.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from towpath.events.envelope import ENVELOPE_VERSION
from towpath.events.exporting.workbench import Workbench
from towpath.events.importers.ocel import (
    KEPT,
    OWN_FIELDS,
    OWN_MARK,
    OWN_PREFIX,
    Attribute,
    Declared,
    OcelEvent,
    OcelObject,
    OcelType,
    Relation,
)

_OWN_TYPES = {OWN_MARK: "integer", "seq": "integer", "latency_ms": "float", "value": "float"}
_encode = msgspec.json.Encoder().encode


class _Types(msgspec.Struct):
    eventTypes: list[OcelType] = []  # noqa: N815 (OCEL's own names)
    objectTypes: list[OcelType] = []  # noqa: N815


class _Kept(msgspec.Struct):
    event: OcelEvent | None = None
    object: OcelObject | None = None
    types: _Types | None = None


class _Data(msgspec.Struct):
    ocel: _Kept


class OcelLog:
    """A log that is being made: gives the events one by one, gathers objects and types meanwhile."""

    def __init__(self, workbench: Workbench) -> None:
        self.workbench = workbench
        self._declared: dict[str, dict[str, dict[str, str]]] = {"event": {}, "object": {}}
        self._used: dict[str, dict[str, dict[str, str]]] = {"event": {}, "object": {}}

    def describe(self, data: str | None) -> None:
        """Take what an event's data says of an object, or of declared types."""
        kept = _kept(data)
        if kept is not None:
            self._describe(kept)

    def _describe(self, kept: _Kept) -> None:
        if kept.object is not None:
            self.workbench.describe(kept.object)
        if kept.types is not None:
            for kind, types in (("event", kept.types.eventTypes), ("object", kept.types.objectTypes)):
                for each in types:
                    known = self._declared[kind].setdefault(each.name, {})
                    for attribute in each.attributes or []:
                        known.setdefault(attribute.name, attribute.type)

    def event(self, row: dict[str, Any]) -> OcelEvent | None:
        """The event of a row of the lake; nothing for one that describes an object or types."""
        kept = _kept(row["data"])
        if kept is not None and (kept.object is not None or kept.types is not None):
            self._describe(kept)
            return None
        found = None if kept is None else kept.event
        if found is None or not _came_as(found, row["id"]) or not self.workbench.claim(found.id):
            found, objects = _own_event(row)
            self.workbench.relate(objects)
        else:
            self.workbench.relate((each.objectId, None) for each in found.relationships or [])
        self.use("event", found.type, found.attributes or [])
        return found

    def use(self, kind: str, name: str, attributes: Iterable[Any]) -> None:
        """Note which attributes a type has (kind: event or object)."""
        known = self._used[kind].setdefault(name, {})
        for each in attributes:
            told = known.get(each.name)
            met = _type_of(each.value)
            known[each.name] = met if told in (None, met) else _both(str(told), met)

    def types(self, kind: str) -> list[OcelType]:
        """The types of events or of objects, by name: as declared, and as used where nothing was."""
        declared, used = self._declared[kind], self._used[kind]
        found = []
        for name in sorted(declared.keys() | used.keys()):
            attributes = used.get(name, {}) | declared.get(name, {})
            if kind == "event" and OWN_MARK in attributes:
                attributes |= {each: own_type(each) for each in attributes if each in (OWN_MARK, *OWN_FIELDS)}
            found.append(OcelType(name, [Declared(each, attributes[each]) for each in sorted(attributes)]))
        return found


def own_type(name: str) -> str:
    """OCEL's type of a field of the envelope."""
    return _OWN_TYPES.get(name, "string")


def _kept(data: str | None) -> _Kept | None:
    if not data or f'"{KEPT}"' not in data:
        return None
    try:
        return msgspec.json.decode(data, type=_Data).ocel
    except (msgspec.DecodeError, RecursionError):
        return None


def _came_as(found: OcelEvent, row_id: str) -> bool:
    """True if the event of this id came as that one; anybody may send an event whose data only looks so."""
    marked = any(each.name == OWN_MARK for each in found.attributes or [])
    return found.id == row_id and not marked and not found.id.startswith(OWN_PREFIX)


def _own_event(row: dict[str, Any]) -> tuple[OcelEvent, list[tuple[str, str | None]]]:
    attributes = [Attribute(OWN_MARK, ENVELOPE_VERSION)]
    for name in OWN_FIELDS:
        value = row[name]
        if name == "data":
            value = _canonical(value)
        elif name == "identifiers":
            value = _further(value, row["identifier"])
        if value is not None:
            attributes.append(Attribute(name, value))
    source = _escaped(row["source"])
    named = {
        "customer": row["identifier"],
        "case": row["case"] and f"{source}#{row['case']}",
        "session": row["session"],
        "ticket": row["ticket"],
    }
    objects = [(f"{OWN_PREFIX}{kind}:{value}", kind) for kind, value in named.items() if value]
    relations = [Relation(one, kind) for one, kind in objects]
    time: datetime = row["time"]
    event = OcelEvent(
        f"{OWN_PREFIX}{source}#{row['id']}",
        row["type"],
        f"{time.replace(tzinfo=None).isoformat()}Z",
        attributes,
        relations,
    )
    return event, list(objects)


def _escaped(source: str) -> str:
    return source.replace("%", "%25").replace("#", "%23")


def _canonical(data: str | None) -> str | None:
    """The text that the same data has whoever wrote it, so that it goes out as it will come in again."""
    if data is None:
        return None
    found = _decoded(data)
    return _encode(found if isinstance(found, dict) else {"data": found}).decode()


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


def _further(text: str | None, identifier: str | None) -> str | None:
    found = _decoded(text or "[]")
    several = found if isinstance(found, list) else [found]
    texts = [each for each in dict.fromkeys(map(str, several)) if each and each != identifier]
    return _encode(texts).decode() if texts else None


def _type_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return "float" if isinstance(value, float) else "string"


def _both(first: str, second: str) -> str:
    return "float" if {first, second} == {"integer", "float"} else "string"
