"""JSON exports, record by record: never the whole file in memory, and what came before a cut stays good.

Read are a JSON array, an object (or several, one after the other) that holds one under a known name, and one
object a line.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from towpath.events.importers.chunks import LINE_KEY, Block, ImportFailed, Row
from towpath.events.importers.files import Source

LONGEST_RECORD = 16_000_000
"""Characters. A ticket with thousands of comments has a few millions."""
_SHOWN = 2_000
_CUT = "The file ends within a record, or what stands there is no JSON: it was cut off."
_AGAIN = "Export it again; what came before the cut is taken."
_WHAT_IS_IT = "Is the file what it should be?"
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Record:
    """One record of a file: where it stands, for people, and itself."""

    place: str
    value: object


class _Text:
    """The text of a file that was not used yet."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.rest = ""
        self.at = 0
        self.ended = False
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()

    def more(self) -> bool:
        """Read on; false at the end."""
        if self.ended:
            return False
        block = self.source.read()
        self.ended = not block
        try:
            found = self._decoder.decode(block, self.ended)
        except UnicodeDecodeError as error:
            what = f"It is not UTF-8 (byte 0x{block[error.start]:02x})." if block else _CUT
            raise ImportFailed(self.source.name, None, what, "JSON is UTF-8; export it again.") from error
        self.rest = self.rest[self.at :] + found
        self.at = 0
        return not self.ended

    def peek(self) -> str:
        """The next character that means something; nothing at the end."""
        while True:
            while self.at < len(self.rest) and self.rest[self.at] in " \t\r\n,":
                self.at += 1
            if self.at < len(self.rest) or not self.more():
                return self.rest[self.at : self.at + 1]

    def value(self) -> object:
        """The value that begins here; the place moves behind it. Raises ImportFailed."""
        self.peek()
        while True:
            try:
                found, end = _DECODER.raw_decode(self.rest, self.at)
            except RecursionError as error:
                what = "A record is nested too deeply."
                raise ImportFailed(self.source.name, None, what, _WHAT_IS_IT) from error
            except json.JSONDecodeError as error:
                if len(self.rest) - self.at > LONGEST_RECORD:
                    what = f"A record is longer than {LONGEST_RECORD:,} characters, or no JSON."
                    raise ImportFailed(self.source.name, None, what, _WHAT_IS_IT) from error
                if not self.more():
                    raise ImportFailed(self.source.name, None, _CUT, _AGAIN) from error
                continue
            if end == len(self.rest) and isinstance(found, int | float) and self.more():
                continue  # a number may go on in the next block
            self.at = end
            return found


def read_records(source: Source, arrays: Sequence[str]) -> Iterator[Record]:
    """The records of a file, in its order; `arrays`: names under which an object holds them.

    Raises ImportFailed after the last whole record where the file is cut or is not JSON.
    """
    text = _Text(source)
    number = 0
    while mark := text.peek():
        found = _items(text) if mark == "[" else _in_object(text, frozenset(arrays))
        for value in found:
            number += 1
            yield Record(f"record {number:,}", value)


def _items(text: _Text) -> Iterator[object]:
    """The items of an array that begins here."""
    text.at += 1
    while (mark := text.peek()) != "]":
        if not mark:
            raise ImportFailed(text.source.name, None, _CUT, _AGAIN)
        yield text.value()
    text.at += 1


def _in_object(text: _Text, arrays: frozenset[str]) -> Iterator[object]:
    """The records that an object holds under one of the names; without one, the object itself."""
    if text.peek() != "{":
        what = "It is no JSON: neither an object nor an array begins where one should."
        raise ImportFailed(text.source.name, None, what, "Is the file what it should be?")
    text.at += 1
    own: Row = {}
    holds = False
    while (mark := text.peek()) != "}":
        if not mark:
            raise ImportFailed(text.source.name, None, _CUT, _AGAIN)
        key = text.value()
        if text.peek() == ":":
            text.at += 1
        if key in arrays and text.peek() == "[":
            holds = True
            yield from _items(text)
        else:
            own[str(key)] = text.value()
    text.at += 1
    if not holds:
        yield own


Rows = Callable[[Row], Iterable[Row]]
"""A ticket as its source tells it, as rows. Raises NotATicket."""


class NotATicket(ValueError):
    """A record that is no ticket of this format; the text says what is missing."""


def blocks_of(records: Iterable[Record], rows: Rows, chunk_rows: int) -> Iterator[Block]:
    """Blocks of `chunk_rows` rows. What is no ticket is broken, with its reason; a failure of the file
    follows the last row."""
    places: list[str] = []
    block = Block(places.__getitem__)
    failure: ImportFailed | None = None
    source = iter(records)
    while failure is None:
        try:
            record = next(source)
        except StopIteration:
            break
        except ImportFailed as error:
            failure = error
            break
        for each in _rows_of(record, rows):
            if isinstance(each, str):
                block.broken.append((record.place, each, {LINE_KEY: json.dumps(record.value)[:_SHOWN]}))
            else:
                block.rows.append(each)
                places.append(record.place)
            if len(block) >= chunk_rows:
                yield block
                places = []
                block = Block(places.__getitem__)
    if len(block):
        yield block
    if failure is not None:
        raise failure


def _rows_of(record: Record, rows: Rows) -> Iterable[Row | str]:
    if not isinstance(record.value, dict):
        return ("this is no ticket, but a single value",)
    try:
        return list(rows(record.value))
    except NotATicket as reason:
        return (str(reason),)
