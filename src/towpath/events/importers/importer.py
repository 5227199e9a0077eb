"""From a file to chunks of events: identity, conversion, and going on where an import was stopped.

Going on reads the file from its start and passes over what was done: identities depend on the rows before,
and reading without converting is several times as fast. Blocks are cut by number of rows alone, so they fall
alike each time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import xxhash

from towpath.events.envelope import row_id
from towpath.events.importers.chunks import CHUNK_ROWS, Block, Chunk, ImportFailed, Refused, Row
from towpath.events.importers.conversion import Conversion, Reasons, raw_json
from towpath.events.importers.delimited import read_csv
from towpath.events.importers.files import Source
from towpath.events.importers.formats import added_formats
from towpath.events.importers.identity import SeenRows
from towpath.events.importers.json_lines import read_jsonl
from towpath.events.importers.ocel_proposal import read_ocel
from towpath.events.importers.parquet import read_parquet
from towpath.events.importers.treating import treated, treatments
from towpath.events.importers.xes import read_xes
from towpath.events.mapping import Mapping, dump_mapping

_ID_TWICE = "id used twice with different content; the first row keeps it"
_REPEATED = "repeated"


def open_importer(
    path: Path | str,
    mapping: Mapping,
    *,
    now: datetime | None = None,
    resume_from: dict[str, object] | None = None,
    chunk_rows: int = CHUNK_ROWS,
) -> Iterator[Chunk]:
    """The file's events, chunk by chunk. `now` (with a zone) is the time of receipt and bounds times from
    above; `resume_from` is the `position` of the last chunk that was kept.

    Raises ImportFailed when the file cannot be read (further); chunks given before stay good.
    """
    with Source(Path(path)) as source:
        position = _Position(source.fingerprint(), _mapping_hash(mapping), chunk_rows)
        if resume_from is not None:
            position = position.resumed(source, resume_from)
        yield from _Import(source, mapping, now or datetime.now(UTC), position).chunks()


def read_blocks(source: Source, mapping: Mapping, chunk_rows: int) -> Iterator[Block]:
    """Raw rows of a file in the format that the mapping names, as they stand in it."""
    if (added := added_formats().get(mapping.format)) is not None:
        return added.read(source, mapping, chunk_rows)
    if mapping.format == "xes":
        return read_xes(source, chunk_rows)
    if mapping.format == "csv":
        return read_csv(source, mapping, chunk_rows)
    if mapping.format == "jsonl":
        return read_jsonl(source, chunk_rows)
    if mapping.format == "ocel2":
        return read_ocel(source, mapping, chunk_rows)
    return read_parquet(source, mapping, chunk_rows)


def _mapping_hash(mapping: Mapping) -> str:
    return xxhash.xxh3_64_hexdigest(dump_mapping(mapping).encode())


@dataclass(frozen=True)
class _Position:
    """How many blocks of `chunk_rows` rows of which file, under which mapping, are done."""

    file: str
    mapping: str
    chunk_rows: int
    blocks: int = 0

    def resumed(self, source: Source, saved: dict[str, object]) -> _Position:
        was = msgspec.convert(saved, _Position)
        changed = "file" if was.file != self.file else "mapping" if was.mapping != self.mapping else None
        if changed:
            what = f"The {changed} has changed since the import was begun."
            raise ImportFailed(source.name, None, what, "Begin the import anew: no event will count twice.")
        return was


class _Import:
    """One pass over a file."""

    def __init__(self, source: Source, mapping: Mapping, now: datetime, position: _Position) -> None:
        self.source, self.mapping, self.position = source, mapping, position
        self.conversion = Conversion(mapping, now)
        self.seen = SeenRows()
        self.rows_read = 0
        self.rows_placed = 0

    def chunks(self) -> Iterator[Chunk]:
        asked = treatments(self.mapping)
        blocks = treated(read_blocks(self.source, self.mapping, self.position.chunk_rows), asked)
        for number, block in enumerate(blocks, start=1):
            first_seq = self.rows_placed
            self.rows_read += len(block)
            self.rows_placed += len(block.rows)
            raws = [raw_json(row) for row in block.rows]
            ids, nths, reasons = self._identify(block.rows, raws)
            if number > self.position.blocks:
                seqs = range(first_seq, first_seq + len(raws))
                batch = self.conversion.convert(block.rows, raws, ids, seqs, reasons)
                yield Chunk(
                    batch=batch,
                    refused=_refused(block, raws, first_seq, nths, reasons),
                    repeated=reasons.count(_REPEATED),
                    rows_read=self.rows_read,
                    bytes_read=self.source.bytes_read,
                    bytes_total=self.source.bytes_total,
                    position=asdict(replace(self.position, blocks=number)),
                    treated=sum((each.counted for each in asked), Counter()),
                )

    def _identify(self, rows: list[Row], raws: list[bytes]) -> tuple[list[str | None], list[int], Reasons]:
        contents = np.fromiter(map(xxhash.xxh3_64_intdigest, raws), np.uint64, len(raws))
        reasons: Reasons = [None] * len(raws)
        if "id" not in self.mapping.events:
            nths = self.seen.count(contents).tolist()
            made = [row_id(self.mapping.source, raw, nth) for raw, nth in zip(raws, nths, strict=True)]
            return list(made), nths, reasons
        ids = self.conversion.texts("id", rows)
        sources = self.conversion.sources(rows)
        named = (f"{source}\x1f{each}".encode() for source, each in zip(sources, ids, strict=True))
        hashes = np.fromiter(map(xxhash.xxh3_64_intdigest, named), np.uint64, len(ids))
        same, clash = self.seen.claim(hashes, contents)
        for at in np.flatnonzero(same | clash):
            if ids[at] is not None:
                reasons[at] = _REPEATED if same[at] else _ID_TWICE
        return ids, [0] * len(raws), reasons


def _refused(
    block: Block, raws: list[bytes], first_seq: int, nths: list[int], reasons: Reasons
) -> list[Refused]:
    refused = [
        Refused(place, reason, raw_json(row).decode(), first_seq + len(raws))
        for place, reason, row in block.broken
    ]
    for at, reason in enumerate(reasons):
        if reason is not None and reason != _REPEATED:
            raw = raws[at].decode()
            refused.append(Refused(block.place_of(at), reason, raw, first_seq + at, nths[at]))
    return refused
