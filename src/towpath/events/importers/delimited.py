"""CSV, streaming: quoted line ends, ragged rows and stray quotes are told line by line."""

from __future__ import annotations

import csv
import difflib
from collections import deque
from collections.abc import Callable, Iterator

from towpath.events.importers.chunks import LINE_KEY, SURPLUS_KEY, Block, ImportFailed, Row
from towpath.events.importers.files import Source
from towpath.events.importers.lines import BadLine, Lines, text_lines
from towpath.events.mapping import Mapping

_ENCODING_REMEDY = "Set csv.encoding in the mapping (cp1252 and utf-16 are usual)."


class _Feed:
    """Lines for the csv module. Remembers which lines the row at hand took, so that they can be given back
    when a stray quote has swallowed them."""

    def __init__(self, lines: Iterator[Lines]) -> None:
        self._lines = lines
        self._ready: deque[str] = deque()
        self._next_number = 1
        self.taken: list[str] = []
        self.first = 1
        self.bad: list[BadLine] = []
        self.spoiled = False
        self.failure: ImportFailed | None = None

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        while not self._ready:
            self._refill()
        line = self._ready.popleft()
        if not self.taken:
            self.first = self._next_number
        self._next_number += 1
        self.taken.append(line)
        return line

    def _refill(self) -> None:
        if self.failure is not None:
            raise StopIteration
        try:
            lines = next(self._lines)
        except ImportFailed as failure:
            line = failure.line or self._next_number
            self.failure = ImportFailed(failure.file, line, failure.what, failure.remedy)
            raise StopIteration from failure
        if lines.bad is not None:
            self.bad.append(lines.bad)
            self.spoiled = self.spoiled or bool(self.taken)
            self._next_number = lines.bad.number + 1
        else:
            self._ready.extend(lines.texts)
            self._next_number = lines.first

    def begin_row(self) -> None:
        self.taken = []
        self.spoiled = False

    def give_back(self) -> None:
        """Keeps the first line of the row at hand and gives the others back, to be read as rows of their
        own."""
        self._ready.extendleft(reversed(self.taken[1:]))
        self._next_number -= len(self.taken) - 1
        del self.taken[1:]

    @property
    def ended(self) -> bool:
        return not self._ready and self.failure is not None


class _Rows:
    """The rows of one CSV file, as blocks."""

    def __init__(self, source: Source, mapping: Mapping) -> None:
        self.source, self.mapping = source, mapping
        self.feed = _Feed(text_lines(source, mapping.csv.encoding, _ENCODING_REMEDY))
        form = mapping.csv
        self.quote = form.quote
        self.reader = csv.reader(self.feed, delimiter=form.delimiter, quotechar=form.quote)
        self.header = self._read_header()

    def _fail(self, what: str, remedy: str) -> ImportFailed:
        return ImportFailed(self.source.name, self.feed.first, what, remedy)

    def _read_header(self) -> list[str]:
        names: list[str] = []
        try:
            while not names and not self.feed.bad:
                self.feed.begin_row()
                names = next(self.reader)
        except StopIteration:
            failure = self.feed.failure
            raise failure or self._fail("The file has no rows.", "Export it again.") from None
        except csv.Error as error:
            raise self._fail(f"The header cannot be read ({error}).", "Is it a CSV file?") from error
        if self.feed.bad:
            bad = self.feed.bad[0]
            raise ImportFailed(self.source.name, bad.number, f"The header cannot be read: {bad.reason}", "")
        if any("\0" in name for name in names):
            raise self._fail(
                "The header holds NUL bytes; this looks like UTF-16.", "Set csv.encoding: utf-16."
            )
        names = [name or f"column {at + 1}" for at, name in enumerate(names)]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise self._fail(f"Two columns are called {twice!r}.", "Give each a name of its own.")
        self._check_columns(names)
        return names

    def _check_columns(self, names: list[str]) -> None:
        for column in self.mapping.columns():
            if column not in names:
                near = difflib.get_close_matches(column, names, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else f"The header has: {', '.join(names)[:300]}."
                if len(names) == 1:
                    hint += " With one column only: is csv.delimiter right?"
                raise self._fail(f"The column {column!r} is missing.", f"{hint} Mend the mapping.")

    def blocks(self, chunk_rows: int) -> Iterator[Block]:
        places: list[tuple[int, int]] = []
        block = Block(_placing(places))
        while self._read_row(block, places):
            if self.feed.bad:
                self._move_bad_lines(block)
            if len(block) >= chunk_rows:
                yield block
                places = []
                block = Block(_placing(places))
        self._move_bad_lines(block)
        if len(block):
            yield block
        if self.feed.failure is not None:
            raise self.feed.failure

    def _move_bad_lines(self, block: Block) -> None:
        for bad in self.feed.bad:
            block.broken.append((f"line {bad.number}", bad.reason, {LINE_KEY: bad.text}))
        self.feed.bad.clear()

    def _read_row(self, block: Block, places: list[tuple[int, int]]) -> bool:
        feed = self.feed
        feed.begin_row()
        try:
            values = next(self.reader)
        except StopIteration:
            return False
        except csv.Error as error:
            self._break(block, f"the row cannot be read ({error})")
            return True
        if feed.failure is not None and feed.ended and self._is_cut_off():
            return False
        size = len(feed.taken)
        if len(values) == len(self.header) and not feed.spoiled and (size == 1 or not self._is_unclosed()):
            block.rows.append(dict(zip(self.header, values, strict=True)))
            places.append((feed.first, feed.first + size - 1))
        elif values:
            self._refuse(block, values)
        return True

    def _is_cut_off(self) -> bool:
        """True for the last piece before a failure of the file: it may be half a line."""
        return not self.feed.taken[-1].endswith("\n") or self._is_unclosed()

    def _is_unclosed(self) -> bool:
        taken = self.feed.taken
        return len(taken) > 1 and sum(line.count(self.quote) for line in taken) % 2 == 1

    def _refuse(self, block: Block, values: list[str]) -> None:
        if self._is_unclosed() or (len(self.feed.taken) > 1 and len(values) != len(self.header)):
            self._break(block, "a quote is opened in this line and closed in none that would make it a row")
        elif self.feed.spoiled:
            self._break(block, "a line within this row is not text")
        else:
            row: Row = dict(zip(self.header, values, strict=False))
            if len(values) > len(self.header):
                row[SURPLUS_KEY] = values[len(self.header) :]
            reason = f"the row has {len(values)} values, the header has {len(self.header)}"
            block.broken.append((f"line {self.feed.first}", reason, row))

    def _break(self, block: Block, reason: str) -> None:
        self.feed.give_back()
        text = "".join(self.feed.taken).rstrip("\r\n")
        block.broken.append((f"line {self.feed.first}", reason, {LINE_KEY: text[:100_000]}))


def _placing(places: list[tuple[int, int]]) -> Callable[[int], str]:
    def place_of(at: int) -> str:
        first, last = places[at]
        return f"line {first}" if first == last else f"lines {first} to {last}"

    return place_of


def read_csv(source: Source, mapping: Mapping, chunk_rows: int) -> Iterator[Block]:
    """Blocks of `chunk_rows` rows; the first row names the columns. Raises ImportFailed for the file as a
    whole."""
    yield from _Rows(source, mapping).blocks(chunk_rows)
