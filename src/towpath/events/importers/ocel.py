"""OCEL 2.0 (www.ocel-standard.org), JSON and SQLite: events that have several objects, each with a qualifier.

An event's columns are `id`, `type`, `time`, its attributes by name, and for each type of object
`object:TYPE` (the first object of that type) and `object:TYPE/QUALIFIER`. The column `data` holds the
attributes, and under `ocel` the event as the file has it: an export gives it back unchanged.

What OCEL knows beside events becomes events of the same source, so that nothing needs a second store. An
`ocel.object` holds one object with its attributes over time and its relations; it lies at the time of the
first event of that object, before it. `ocel.types` holds the declared types. Their ids are hashes of what
they say: the same file again brings nothing new, a later one adds what it says differently.

An event that Towpath wrote (attribute `towpath`) is given back as it was: each field of the envelope is a
column `towpath:FIELD`, and `data` is its data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import xxhash

from towpath.events.envelope import ENVELOPE_VERSION
from towpath.events.importers.chunks import Block, Row

KEPT = "ocel"
"""The name in `data` under which an event, an object or the types lie as OCEL has them."""
OBJECT_TYPE = "ocel.object"
TYPES_TYPE = "ocel.types"
OWN_MARK = "towpath"
"""The attribute by which an event is known that Towpath wrote; its value is the envelope's version."""
OWN_PREFIX = "towpath:"
"""Begins the ids of events and objects, and the columns, that Towpath makes itself."""
OWN_OBJECTS = ("customer", "case", "session", "ticket")
OWN_FIELDS = (
    "source", "id", "seq", "identifier", "identifiers", "session", "case", "channel", "service", "component",
    "environment", "version", "outcome", "latency_ms", "value", "currency", "team", "tier", "ticket",
    "change", "trace", "data",
)  # fmt: skip
"""Fields of the envelope that an event of Towpath carries as attributes; `type` and `time` are OCEL's own."""
_OWN_NAMES = frozenset({OWN_MARK, *OWN_FIELDS})
_RESERVED = frozenset({"id", "type", "time", "seq", "data"})
_encode = msgspec.json.Encoder(order="sorted").encode


class Attribute(msgspec.Struct):
    """An event's attribute; `value` is any value of JSON."""

    name: str
    value: object = None


class Change(msgspec.Struct):
    """The value that an object's attribute has from `time` on (ISO 8601; 1970 stands for always)."""

    name: str
    time: str = "1970-01-01T00:00:00Z"
    value: object = None


class Relation(msgspec.Struct):
    """An object, and what it is to the event (or to the other object) that names it."""

    objectId: str  # noqa: N815 (OCEL's own name)
    qualifier: str | None = ""


class OcelEvent(msgspec.Struct):
    id: str
    type: str
    time: str
    attributes: list[Attribute] | None = None
    relationships: list[Relation] | None = None


class OcelObject(msgspec.Struct):
    id: str
    type: str
    attributes: list[Change] | None = None
    relationships: list[Relation] | None = None


class Declared(msgspec.Struct):
    """A declared attribute: string, time, integer, float or boolean."""

    name: str
    type: str = "string"


class OcelType(msgspec.Struct):
    name: str
    attributes: list[Declared] | None = None


@dataclass(frozen=True)
class Placed:
    """A row with its place for people; with a `reason` it is refused, and the row is what can be shown."""

    place: str
    row: Row
    reason: str | None = None


def in_blocks(found: Iterable[Placed], chunk_rows: int) -> Iterator[Block]:
    """Blocks of `chunk_rows` rows, the last one shorter."""
    block, places = _begin()
    for each in found:
        if each.reason is None:
            block.rows.append(each.row)
            places.append(each.place)
        else:
            block.broken.append((each.place, each.reason, each.row))
        if len(block) >= chunk_rows:
            yield block
            block, places = _begin()
    if len(block):
        yield block


def _begin() -> tuple[Block, list[str]]:
    places: list[str] = []
    return Block(lambda at: places[at]), places


class OcelRows:
    """Rows of one log. `types_of` says the type of each of its objects; events are given before objects,
    since an object lies at the time of its first event."""

    def __init__(self, types_of: Mapping[str, str], columns: Sequence[str]) -> None:
        self.types_of = types_of
        self._wanted = frozenset(columns)
        self._first: dict[str, tuple[datetime, str]] = {}
        self._begin: tuple[datetime, str] | None = None

    def event_row(self, event: OcelEvent, place: str, seq: int) -> Placed:
        """The row of an event, or why it is none. `seq` is its place in the log, from 1 on."""
        event.attributes, event.relationships = event.attributes or [], event.relationships or []
        attributes = event.attributes
        mark = next((each.value for each in attributes if each.name == OWN_MARK), None)
        if mark is not None:
            return _own_event(event, mark, place)
        relations = event.relationships
        row: Row = {"id": event.id, "type": event.type, "time": event.time, "seq": seq}
        for relation in relations:
            kind = self.types_of.get(relation.objectId)
            if kind is None:
                reason = f"the event names the object {relation.objectId!r}, which the file does not hold"
                return Placed(place, self._with_data(row, event), reason)
            self._set(row, f"object:{kind}", relation.objectId)
            if relation.qualifier:
                self._set(row, f"object:{kind}/{relation.qualifier}", relation.objectId)
        for each in attributes:
            reserved = each.name in _RESERVED or each.name.startswith(("object:", OWN_PREFIX))
            self._set(row, f"attribute:{each.name}" if reserved else each.name, each.value)
        self._note(event.time, relations)
        return Placed(place, self._with_data(row, event))

    def object_row(self, found: OcelObject, place: str) -> Placed | None:
        """The row of an object; nothing for one that Towpath made, since its events make it again."""
        found.attributes, found.relationships = found.attributes or [], found.relationships or []
        relations = found.relationships
        if (
            found.id.startswith(OWN_PREFIX)
            and found.type in OWN_OBJECTS
            and not (found.attributes or relations)
        ):
            return None
        row = self._kept("object", found, OBJECT_TYPE, self._first.get(found.id) or self._begin)
        self._set(row, f"object:{found.type}", found.id)
        known = self.types_of.get(found.id)
        if known != found.type:
            return Placed(place, row, f"the id {found.id!r} belongs to an object of the type {known!r}")
        for relation in relations:
            if relation.objectId not in self.types_of:
                reason = f"it is related to the object {relation.objectId!r}, which the file does not hold"
                return Placed(place, row, reason)
        return Placed(place, row)

    def types_row(self, event_types: Sequence[OcelType], object_types: Sequence[OcelType]) -> Placed | None:
        """The row of the declared types; nothing where the events tell them all."""
        events = [each for each in map(_without_own, event_types) if each is not None]
        objects = [each for each in object_types if each.attributes or each.name not in OWN_OBJECTS]
        if not events and not objects:
            return None
        kept = {"eventTypes": events, "objectTypes": objects}
        return Placed("declared types", self._kept("types", kept, TYPES_TYPE, self._begin))

    def _set(self, row: Row, column: str, value: object) -> None:
        if not self._wanted or column in self._wanted:
            row.setdefault(column, value)

    def _with_data(self, row: Row, event: OcelEvent) -> Row:
        data: Row = {each.name: each.value for each in event.attributes or []}
        data[KEPT] = {"event": msgspec.to_builtins(event)}
        row["data"] = data
        return row

    def _kept(self, what: str, kept: object, kind: str, first: tuple[datetime, str] | None) -> Row:
        digest = xxhash.xxh3_128_hexdigest(_encode(kept))
        data = {KEPT: {what: msgspec.to_builtins(kept)}}
        time = None if first is None else first[1]
        return {"id": f"{kind}:{digest}", "type": kind, "time": time, "seq": 0, "data": data}

    def _note(self, text: str, relations: Sequence[Relation]) -> None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return
        at = (moment.replace(tzinfo=moment.tzinfo or UTC), text)
        if self._begin is None or at[0] < self._begin[0]:
            self._begin = at
        for relation in relations:
            first = self._first.get(relation.objectId)
            if first is None or at[0] < first[0]:
                self._first[relation.objectId] = at


def _own_event(event: OcelEvent, mark: object, place: str) -> Placed:
    found = {each.name: each.value for each in event.attributes or []}
    row: Row = {"id": found.get("id"), "type": event.type, "time": event.time, "seq": found.get("seq")}
    for name in OWN_FIELDS:
        if name not in ("id", "seq", "data") and found.get(name) is not None:
            row[OWN_PREFIX + name] = _decoded(found[name]) if name == "identifiers" else found[name]
    if "data" in found:
        row["data"] = _data_of(found["data"])
    if not str(mark).isdigit() or int(str(mark)) > ENVELOPE_VERSION:
        reason = f"it was written by another Towpath (version {mark!r} of the envelope); upgrade this one"
        return Placed(place, row, reason)
    return Placed(place, row)


def _data_of(text: object) -> object:
    found = _decoded(text)
    return found if isinstance(found, dict) else {"data": found}


def _decoded(text: object) -> object:
    try:
        return msgspec.json.decode(str(text))
    except (msgspec.DecodeError, RecursionError):
        return text


def _without_own(found: OcelType) -> OcelType | None:
    declared = found.attributes or []
    if OWN_MARK not in {each.name for each in declared}:
        return found
    rest = [each for each in declared if each.name not in _OWN_NAMES]
    return OcelType(found.name, rest) if rest else None
