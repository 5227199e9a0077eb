"""XES (IEEE 1849), streaming.

expat rather than lxml: it is as fast, counts lines beyond 65,535 and tells of a DOCTYPE before it reads what
it declares, so no entity is ever expanded. Attributes keep XES's types as JSON's; nested attributes become
`{"value": ..., "attributes": {...}}`, lists become lists.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.parsers import expat

from towpath.events.importers.chunks import Block, ImportFailed, Row
from towpath.events.importers.files import Source

_TEXTS = frozenset({"string", "date", "id"})
_LISTS = frozenset({"list", "container"})
_ATTRIBUTES = _TEXTS | _LISTS | {"int", "float", "boolean"}
MAX_NESTING = 32
_BAD_XML = "Export the log again; if it was edited by hand, mend that line."


class _RefusalError(Exception):
    """What a handler found wrong with the document, and what to do."""


def _value(kind: str, text: str) -> object:
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            number = float(text)
            return number if math.isfinite(number) else text
    except ValueError:
        return text
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


class _Handlers:
    """Collects events as expat walks; `rows` and `places` are taken away by the reader."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.parser = parser
        self.rows: list[Row] = []
        self.places: list[tuple[int, int, int]] = []
        self.rooted = False
        self._names: dict[str, str] = {}
        self._trace: Row | None = None
        self._event: Row | None = None
        self._number = 0
        self._events = 0
        self._line = 0
        self._open: list[tuple[str, str, object, Row, list[object]]] = []

    def doctype(self, *_: object) -> None:
        raise _RefusalError(
            "It holds a DOCTYPE, by which entities can be declared.", "Remove the DOCTYPE: XES has none."
        )

    def start(self, tag: str, attributes: list[str]) -> None:
        kind = self._names.get(tag)
        if kind is None:
            kind = self._names[tag] = tag.rpartition(":")[2] if len(self._names) < 1_000 else tag
        if kind in _ATTRIBUTES:
            if self._event is not None or self._trace is not None:
                self._begin_attribute(kind, attributes)
        elif kind == "event":
            self._event = dict(self._trace) if self._trace is not None else {}
            self._events += 1
            self._line = self.parser.CurrentLineNumber
        elif kind == "trace":
            self._trace, self._events = {}, 0
            self._number += 1
        elif not self.rooted:
            if kind != "log":
                raise _RefusalError(f"It begins with <{tag[:50]}>, not with <log>.", "Is it an XES log?")
            self.rooted = True

    def _begin_attribute(self, kind: str, attributes: list[str]) -> None:
        if len(self._open) >= MAX_NESTING:
            raise _RefusalError(f"Attributes are nested deeper than {MAX_NESTING} levels.", _BAD_XML)
        key = text = ""
        for at in range(0, len(attributes), 2):
            if attributes[at] == "key":
                key = attributes[at + 1]
            elif attributes[at] == "value":
                text = attributes[at + 1]
        value: object = None if kind in _LISTS else text if kind in _TEXTS else _value(kind, text)
        self._open.append((kind, key, value, {}, []))

    def end(self, tag: str) -> None:
        kind = self._names[tag]
        if kind in _ATTRIBUTES:
            if self._open:
                self._end_attribute()
        elif kind == "event":
            if self._event is not None:
                self.rows.append(self._event)
                self.places.append((self._number, self._events, self._line))
            self._event = None
        elif kind == "trace":
            self._trace = None

    def _end_attribute(self) -> None:
        kind, key, value, children, items = self._open.pop()
        if kind in _LISTS:
            value = items
        elif children:
            value = {"value": value, "attributes": children}
        if self._open:
            parent = self._open[-1]
            parent[3][key] = value
            parent[4].append({key: value})
        elif self._event is not None:
            self._event[key] = value
        elif self._trace is not None:
            self._trace["case:" + key] = value


def read_xes(source: Source, chunk_rows: int) -> Iterator[Block]:
    """Blocks of `chunk_rows` events, the last one shorter; raises ImportFailed after the last good event.

    A trace's attributes count for the events that come after them, as the standard orders them.
    """
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    handlers = _Handlers(parser)
    parser.StartDoctypeDeclHandler = handlers.doctype
    parser.StartElementHandler = handlers.start
    parser.EndElementHandler = handlers.end
    failure: ImportFailed | None = None
    while failure is None:
        try:
            data = source.read()
            parser.Parse(data, not data)
            if not data:
                break
        except ImportFailed as error:
            failure = ImportFailed(error.file, parser.CurrentLineNumber, error.what, error.remedy)
        except (_RefusalError, expat.ExpatError) as error:
            failure = _failure(source.name, parser, error)
        while len(handlers.rows) >= chunk_rows:
            yield _take(handlers, chunk_rows)
    if handlers.rows:
        yield _take(handlers, chunk_rows)
    if failure is not None:
        raise failure


def _failure(name: str, parser: expat.XMLParserType, error: Exception) -> ImportFailed:
    if isinstance(error, _RefusalError):
        what, remedy = error.args
        return ImportFailed(name, parser.CurrentLineNumber, what, remedy)
    assert isinstance(error, expat.ExpatError)  # noqa: S101 (the only other kind that is caught)
    problem = expat.ErrorString(error.code) or "unreadable"
    if error.code in (expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS], 5):
        return ImportFailed(name, error.lineno, f"The log is cut off ({problem}).", _BAD_XML)
    if error.code == expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]:
        problem += ": a wrong encoding, or a character that XML forbids"
    return ImportFailed(name, error.lineno, f"This is not well-formed XML ({problem}).", _BAD_XML)


def _take(handlers: _Handlers, count: int) -> Block:
    rows, places = handlers.rows[:count], handlers.places[:count]
    del handlers.rows[:count], handlers.places[:count]

    def place_of(at: int) -> str:
        trace, event, line = places[at]
        return f"trace {trace}, event {event} (line {line})" if trace else f"event {event} (line {line})"

    return Block(place_of, rows)
