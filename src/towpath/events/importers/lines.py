"""Lines of a text file: numbered, bounded in length, with those that are not text set apart."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from towpath.events.importers.chunks import MAX_RAW_BYTES, ImportFailed
from towpath.events.importers.files import Source

MAX_LINE_BYTES = 4 * MAX_RAW_BYTES
"""A file without line ends must not fill the memory: a longer line is refused, its rest is passed over."""
MAX_UNDECODABLE = 20
"""So many lines that are not text in the encoding named are bad records; one more, and the encoding is
wrong."""
_SHOWN = 2_000
_ENDLESS = f"the line is longer than {MAX_LINE_BYTES:,} bytes; are the line ends missing?"


@dataclass(frozen=True)
class BadLine:
    """A line that cannot be used, with the beginning of its text."""

    number: int
    text: str
    reason: str


@dataclass(frozen=True)
class Lines:
    """Whole lines with their ends; the first has the number `first`. Or one bad line."""

    first: int
    texts: list[str]
    bad: BadLine | None = None


def byte_lines(source: Source) -> Iterator[tuple[list[bytes], bool]]:
    """Lists of lines with their ends; true with the beginning of a single endless line. A source that breaks
    raises after its last whole line."""
    rest, endless = b"", False
    while block := source.read():
        if endless:
            cut = block.find(b"\n") + 1
            if not cut:
                continue
            yield [rest], True
            rest, endless, block = b"", False, block[cut:]
        whole, newline, tail = block.rpartition(b"\n")
        if newline:
            yield [line + b"\n" for line in (rest + whole).split(b"\n")], False
            rest = tail
        else:
            rest += tail
        if len(rest) > MAX_LINE_BYTES:
            rest, endless = rest[:_SHOWN], True
    if rest:
        yield [rest], endless


class _Decoding:
    """Decodes lines one list at a time; falls back to one line at a time where a list holds a bad one."""

    def __init__(self, source: Source, encoding: str, remedy: str) -> None:
        self.source, self.encoding, self.remedy = source, encoding, remedy
        self.number = 1
        self.undecodable = 0

    def decode(self, lines: list[bytes]) -> Iterator[Lines]:
        try:
            texts = [line + "\n" for line in b"".join(lines).decode(self.encoding).split("\n")]
        except UnicodeDecodeError:
            yield from self._one_by_one(lines)
            return
        last = texts.pop()
        if last != "\n":
            texts.append(last[:-1])
        yield Lines(self.number, texts)
        self.number += len(texts)

    def _one_by_one(self, lines: list[bytes]) -> Iterator[Lines]:
        good: list[str] = []
        for line in lines:
            try:
                good.append(line.decode(self.encoding))
            except UnicodeDecodeError as error:
                if good:
                    yield Lines(self.number, good)
                    self.number += len(good)
                    good = []
                yield self._bad(line, error)
        if good:
            yield Lines(self.number, good)
            self.number += len(good)

    def _bad(self, line: bytes, error: UnicodeDecodeError) -> Lines:
        self.undecodable += 1
        wrong = f"byte 0x{line[error.start]:02x} at place {error.start + 1} is not {self.encoding}"
        if self.undecodable > MAX_UNDECODABLE:
            what = f"The encoding is wrong: {wrong}, like {MAX_UNDECODABLE} lines before."
            raise ImportFailed(self.source.name, self.number, what, self.remedy)
        text = line[:_SHOWN].decode(self.encoding, "backslashreplace").rstrip("\r\n")
        self.number += 1
        return Lines(self.number - 1, [], BadLine(self.number - 1, text, f"{wrong}. {self.remedy}"))


def text_lines(source: Source, encoding: str, remedy: str) -> Iterator[Lines]:
    """Lines of a text, in order, without a byte order mark. `remedy` is what to do about a wrong encoding."""
    name = codecs.lookup(encoding).name
    if name in ("utf-8", "utf-8-sig"):
        name = "utf-8"
    if "a\n".encode(name) != b"a\n":
        yield from _wide_lines(source, name, remedy)
        return
    decoding = _Decoding(source, name, remedy)
    for lines, endless in byte_lines(source):
        if decoding.number == 1 and name == "utf-8":
            lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
        if endless:
            text = lines[0].decode(name, "backslashreplace")
            yield Lines(decoding.number, [], BadLine(decoding.number, text, _ENDLESS))
            decoding.number += 1
        else:
            yield from decoding.decode(lines)


def _wide_lines(source: Source, name: str, remedy: str) -> Iterator[Lines]:
    """Lines of an encoding in which a line end is not one byte (UTF-16, UTF-32): a bad byte ends the
    reading."""
    decoder = codecs.getincrementaldecoder(name)()
    rest, number = "", 1
    while True:
        block = source.read()
        try:
            text = rest + decoder.decode(block, not block)
        except UnicodeError as error:
            what = f"From here on the text is not {name} ({error.args[-1]})."
            raise ImportFailed(source.name, number, what, remedy) from error
        if number == 1:
            text = text.removeprefix("\ufeff")
        whole, newline, rest = text.rpartition("\n")
        if newline:
            texts = [line + "\n" for line in whole.split("\n")]
            yield Lines(number, texts)
            number += len(texts)
        if len(rest) > MAX_LINE_BYTES:
            raise ImportFailed(source.name, number, _ENDLESS.capitalize() + ".", "Export the file again.")
        if not block:
            break
    if rest:
        yield Lines(number, [rest])
