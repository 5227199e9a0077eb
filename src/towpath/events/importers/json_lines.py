"""JSON lines, streaming: one JSON object a line, UTF-8."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from towpath.events.importers.chunks import LINE_KEY, Block, ImportFailed, Row
from towpath.events.importers.files import Source
from towpath.events.importers.lines import MAX_LINE_BYTES, byte_lines

_SHOWN = 2_000
_TRIED = 20
"""When none of the first so many lines is a JSON object, the file is something else."""


class _Rows:
    """The block that is being filled, and what was found before it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.number = 0
        self.good = False
        self.begin()

    def begin(self) -> None:
        self.places: list[int] = []
        places = self.places
        self.block = Block(lambda at: f"line {places[at]}")

    def add(self, line: bytes, endless: bool) -> None:
        self.number += 1
        if self.number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
            self._check_first(line)
        text = line.strip()
        if not text:
            return
        found = _read_line(text, endless)
        if isinstance(found, dict):
            self.good = True
            self.block.rows.append(found)
            self.places.append(self.number)
            return
        shown = text[:_SHOWN].decode("utf-8", "backslashreplace")
        self.block.broken.append((f"line {self.number}", found, {LINE_KEY: shown}))
        if not self.good and len(self.block.broken) >= _TRIED:
            what = f"None of the first {_TRIED} lines is a JSON object ({found})."
            raise ImportFailed(self.source.name, self.number, what, "Is the mapping's format right?")

    def _check_first(self, line: bytes) -> None:
        if b"\0" in line[:100]:
            remedy = "JSON lines must be UTF-8: convert it (iconv -f utf-16 -t utf-8)."
            raise ImportFailed(self.source.name, 1, "The text holds NUL bytes; it looks like UTF-16.", remedy)
        if line.lstrip().startswith(b"["):
            what = "It begins with [: this is one JSON array, not JSON lines."
            raise ImportFailed(self.source.name, 1, what, "Write one object a line (jq -c '.[]').")


def _read_line(text: bytes, endless: bool) -> Row | str:
    if endless:
        return f"the line is longer than {MAX_LINE_BYTES:,} bytes; are the line ends missing?"
    try:
        text.decode()
        found = msgspec.json.decode(text)
    except UnicodeDecodeError as error:
        return f"byte 0x{text[error.start]:02x} at place {error.start + 1} is not UTF-8"
    except (msgspec.DecodeError, RecursionError) as error:
        return f"this is not JSON ({error})"
    return found if isinstance(found, dict) else "this is JSON, but not an object"


def read_jsonl(source: Source, chunk_rows: int) -> Iterator[Block]:
    """Blocks of `chunk_rows` rows; empty lines are passed over. A last line without end is read, unless the
    file broke there: then ImportFailed follows the last whole line."""
    rows = _Rows(source)
    failure: ImportFailed | None = None
    lines = byte_lines(source)
    while failure is None:
        try:
            some, endless = next(lines)
        except StopIteration:
            break
        except ImportFailed as error:
            failure = ImportFailed(error.file, rows.number + 1, error.what, error.remedy)
            break
        for line in some:
            rows.add(line, endless)
            if len(rows.block) >= chunk_rows:
                yield rows.block
                rows.begin()
    if len(rows.block):
        yield rows.block
    if failure is not None:
        raise failure
