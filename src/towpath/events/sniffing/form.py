"""What kind of file is it: format, encoding, delimiter, marks for "no value"; from its beginning alone."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from towpath.events.importers.chunks import ImportFailed, Row
from towpath.events.importers.files import Source
from towpath.events.importers.formats import SHOWN, recognised
from towpath.events.importers.ocel_sqlite import SQLITE_MAGIC
from towpath.events.mapping import CsvForm

SAMPLE_BYTES = 4_000_000
DELIMITERS = (",", ";", "\t", "|")
MISSING_MARKS = ("?", "NULL", "null", "None", "N/A", "n/a", "#N/A", "\\N", "(null)", "NaN", "nan")
"""Texts that stand for "no value" in well-known exports. "NA" and "-" are left out: both are names as
well."""


_OCEL = re.compile(rb'\{\s*"(objectTypes|eventTypes|objects|events|ocel:[a-z-]+)"\s*:\s*[\[{]')
"""How a log in OCEL begins, and no event on its own line does."""


@dataclass(frozen=True)
class Form:
    """Format of a file, its CSV form if it is one, and what is uncertain, in words."""

    format: str
    csv: CsvForm
    doubts: tuple[str, ...] = ()


def sniff_form(source: Source) -> Form:
    """The form of an opened file (read it from the start again afterwards). Raises ImportFailed if it is
    none that Towpath reads."""
    sample = _sample(source)
    start = sample[:200].lstrip(codecs.BOM_UTF8).lstrip()
    if sample.startswith(b"PAR1"):
        return Form("parquet", CsvForm())
    if sample.startswith(SQLITE_MAGIC) or _OCEL.match(start):
        return Form("ocel2", CsvForm())
    if (added := _added(sample)) is not None:
        return added
    if start.startswith(b"<") or sample.startswith((b"\xff\xfe<", b"\xfe\xff\0<")):
        return Form("xes", CsvForm())
    if start.startswith(b"{"):
        return Form("jsonl", CsvForm())
    if start.startswith(b"["):
        what = "It begins with [: this is one JSON array, not JSON lines."
        raise ImportFailed(source.name, 1, what, "Write one object a line (jq -c '.[]').")
    encoding, doubts = _encoding(sample)
    text = sample.decode(encoding, "replace").removeprefix("\ufeff")
    if "\0" in text[:10_000] or not text.strip():
        what = "It is neither XES, CSV, JSON lines, Parquet nor OCEL 2.0."
        raise ImportFailed(source.name, 1, what, "Export the data in one of these formats.")
    delimiter = _delimiter(text)
    if delimiter is None:
        doubts = (*doubts, "No delimiter splits the lines into columns; is this a table?")
    return Form("csv", CsvForm(delimiter or ",", encoding), doubts)


def _added(sample: bytes) -> Form | None:
    """The form of a file that an area above reads."""
    encoding, doubts = _encoding(sample)
    text = sample[: 2 * SHOWN].decode(encoding, "replace").removeprefix("\ufeff").lstrip()[:SHOWN]
    name = recognised(text)
    if name is None:
        return None
    # A name of columns may hold every sign that delimits others, so the first line alone decides.
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    return Form(name, CsvForm(delimiter, encoding), doubts)


def _sample(source: Source) -> bytes:
    blocks: list[bytes] = []
    size = 0
    while size < SAMPLE_BYTES:
        try:
            block = source.read()
        except ImportFailed:
            if not blocks:
                raise
            break  # a file that breaks later is told of when it is imported
        if not block:
            break
        blocks.append(block)
        size += len(block)
    return b"".join(blocks)


def _encoding(sample: bytes) -> tuple[str, tuple[str, ...]]:
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", ()
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", ()
    head = sample[:1_000]
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le", ()
    if head[::2].count(0) > len(head) // 4:
        return "utf-16-be", ()
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError as error:
        line = sample.count(b"\n", 0, error.start) + 1
        return "cp1252", (f"Line {line} is not UTF-8; cp1252 (Windows, western Europe) is assumed.",)
    return "utf-8", ()


def _delimiter(text: str) -> str | None:
    lines = text[:200_000].splitlines(keepends=True)
    head = "".join(lines[:-1] if len(lines) > 1 else lines)
    best: tuple[float, int, str] | None = None
    for delimiter in DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(io.StringIO(head), delimiter=delimiter) if row)
        except csv.Error:
            continue
        width, rows = widths.most_common(1)[0]
        score = (round(rows / widths.total(), 1), width, delimiter)
        if width > 1 and (best is None or score[:2] > best[:2]):
            best = score
    return best[2] if best else None


def missing_marks(rows: Iterable[Row]) -> tuple[str, ...]:
    """The marks for "no value" that these rows hold, and always the empty text."""
    met = {value for row in rows for value in row.values() if isinstance(value, str) and len(value) < 7}
    return (*(mark for mark in MISSING_MARKS if mark in met), "")
