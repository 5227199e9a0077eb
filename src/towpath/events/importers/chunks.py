"""What importers give and take: chunks of events, refused rows, failures of whole files, blocks of raw
rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import pyarrow as pa

Row: TypeAlias = dict[str, object]
"""A raw record: column to value, JSON's types only (no NaN), in the order of the file."""

LINE_KEY = "(line)"
"""Column under which a refused line that could not be split into columns is kept."""
SURPLUS_KEY = "(surplus)"
"""Column under which the values of a refused row beyond the last column are kept."""

CHUNK_ROWS = 20_000
MAX_RAW_BYTES = 1_000_000
"""A longer row is refused: it is a broken quote or a document, not an event."""
MAX_TEXT_CHARACTERS = 2_000
"""A longer text in a field of the envelope is refused; attributes in `data` are bound by the row only."""


class ImportFailed(Exception):
    """A file that cannot be read further; what came before stays good. Says where and what to do."""

    def __init__(self, file: str, line: int | None, what: str, remedy: str) -> None:
        place = file if line is None else f"{file}, line {line:,}"
        super().__init__(f"{place}: {what} {remedy}")
        self.file, self.line, self.what, self.remedy = file, line, what, remedy


@dataclass(frozen=True)
class Refused:
    """A row that did not become an event.

    `place` for people ("line 17"); `raw` is JSON text of its columns as received; `seq` its place among the
    rows of the file and `nth` how many equal rows came before it: both are needed to replay it under its own
    identity.
    """

    place: str
    reason: str
    raw: str
    seq: int = 0
    nth: int = 0


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file, in the order of the file.

    `batch` has EVENT_SCHEMA. `rows_read` (rows of any kind), `bytes_read` and `bytes_total` (of the file as
    it lies, compressed or not) count from the start of the file. `repeated` rows of this chunk carried an id
    that this file had given before, with the same content: they count once. `position` is what `resume_from`
    takes to go on after this chunk; plain JSON. `treated`: what treatments did from the start of the file on.
    """

    batch: pa.RecordBatch
    refused: list[Refused]
    repeated: int
    rows_read: int
    bytes_read: int
    bytes_total: int
    position: dict[str, object]
    treated: Counter[str] = field(default_factory=Counter)


@dataclass
class Block:
    """Raw rows of a reader, before any conversion, with their places; `broken` could not be split into
    columns."""

    place_of: Callable[[int], str]
    rows: list[Row] = field(default_factory=list)
    broken: list[tuple[str, str, Row]] = field(default_factory=list)
    """Place, reason and what can be shown of it."""

    def __len__(self) -> int:
        return len(self.rows) + len(self.broken)
