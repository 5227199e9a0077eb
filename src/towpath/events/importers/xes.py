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
_MAX_TAGS = 1_000
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


class _Nest:
    """An attribute that holds other attributes: its own value, and theirs both by key and in order."""

    def __init__(self, key: str, kind: str, value: object) -> None:
        self.key, self.kind, self.value = key, kind, value
        self.children: Row = {}
        self.items: list[object] = []

    def finished(self) -> object:
        if self.kind in _LISTS:
            return self.items
        return {"value": self.value, "attributes": self.children} if self.children else self.value


class _Handlers:
    """Collects events as expat walks; `rows` and `places` are taken away by the reader.

    An attribute is written into its row as it opens, and only becomes a `_Nest` when another opens inside it:
    nearly all are single, and they are what a log consists of.
    """

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.parser = parser
        self.rows: list[Row] = []
        self.places: list[tuple[int, int, int]] = []
        self.rooted = False
        self._names: dict[str, str] = {}
        self._trace: Row | None = None
        self._event: Row | None = None
        self._row: Row | None = None
        self._prefix = ""
        self._number = 0
        self._events = 0
        self._line = 0
        self._open: list[str | _Nest] = []

    def doctype(self, *_: object) -> None:
        remedy = "Remove the DOCTYPE: XES has none."
        raise _RefusalError("It holds a DOCTYPE, by which entities can be declared.", remedy)

    def start(self, tag: str, attributes: list[str]) -> None:
        kind = self._names.get(tag) or self._name(tag)
        if kind in _ATTRIBUTES:
            if self._row is None:
                return
            if len(attributes) == 4 and attributes[0] == "key" and not self._open and kind not in _LISTS:
                key = self._prefix + attributes[1]
                self._row[key] = attributes[3] if kind in _TEXTS else _value(kind, attributes[3])
                self._open.append(key)
            else:
                self._begin_nested(kind, dict(zip(attributes[::2], attributes[1::2], strict=True)))
        elif kind == "event":
            self._event = self._row = dict(self._trace) if self._trace is not None else {}
            self._prefix = ""
            self._events += 1
            self._line = self.parser.CurrentLineNumber
        elif kind == "trace":
            self._trace = self._row = {}
            self._prefix = "case:"
            self._number += 1
            self._events = 0
        elif not self.rooted:
            if kind != "log":
                raise _RefusalError(f"It begins with <{tag[:50]}>, not with <log>.", "Is it an XES log?")
            self.rooted = True

    def _name(self, tag: str) -> str:
        name = tag.rpartition(":")[2]
        if len(self._names) < _MAX_TAGS:
            self._names[tag] = name
        return name

    def _begin_nested(self, kind: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_NESTING:
            raise _RefusalError(f"Attributes are nested deeper than {MAX_NESTING} levels.", _BAD_XML)
        key = attributes.get("key", "")
        text = attributes.get("value", "")
        if self._open:
            around = self._open[-1]
            if isinstance(around, str) and self._row is not None:
                self._open[-1] = _Nest(around, "string", self._row[around])
        else:
            key = self._prefix + key
        self._open.append(_Nest(key, kind, None if kind in _LISTS else _value(kind, text)))

    def end(self, tag: str) -> None:
        kind = self._names.get(tag) or self._name(tag)
        if kind in _ATTRIBUTES:
            if self._open:
                done = self._open.pop()
                if isinstance(done, _Nest):
                    self._end_nested(done)
        elif kind == "event":
            if self._event is not None:
                self.rows.append(self._event)
                self.places.append((self._number, self._events, self._line))
            self._event, self._row = None, self._trace
            self._prefix = "case:"
        elif kind == "trace":
            self._trace = self._row = None

    def _end_nested(self, done: _Nest) -> None:
        value = done.finished()
        if not self._open:
            if self._row is not None:
                self._row[done.key] = value
            return
        around = self._open[-1]
        if isinstance(around, _Nest):
            around.children[done.key] = value
            around.items.append({done.key: value})


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
