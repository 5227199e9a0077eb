"""Bytes of a file, plain or gzip, with the place reached for a progress bar and failures in plain words."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from pathlib import Path
from typing import BinaryIO

import xxhash

from towpath.events.importers.chunks import ImportFailed

BLOCK_BYTES = 1 << 18
GZIP_MAGIC = b"\x1f\x8b"
_EDGE_BYTES = 1 << 16


class Source:
    """An opened file. `read` gives decompressed blocks and b"" at the end; use as a context manager."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else str(error)
            what = f"The file cannot be opened ({why})."
            raise ImportFailed(self.name, None, what, "Check its name and who may read it.") from error
        self.bytes_total = os.fstat(self._file.fileno()).st_size
        if self.bytes_total == 0:
            self._file.close()
            raise ImportFailed(
                self.name, None, "The file is empty.", "Export it again; nothing was imported."
            )
        self.compressed = self._file.read(2) == GZIP_MAGIC
        self._file.seek(0)
        self._stream: io.BufferedIOBase | None = None
        self._reached: int | None = None

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def bytes_read(self) -> int:
        """Bytes of the file as it lies that have been read."""
        return min(self._file.tell() if self._reached is None else self._reached, self.bytes_total)

    def reach(self, place: int) -> None:
        """Says how far a reader that seeks has come, in bytes of the file."""
        self._reached = place

    def fingerprint(self) -> str:
        """Size and hash of both ends: tells whether a position belongs to this file. Reads from the start
        again."""
        self._file.seek(0)
        head = self._file.read(_EDGE_BYTES)
        self._file.seek(max(0, self.bytes_total - _EDGE_BYTES))
        tail = self._file.read(_EDGE_BYTES)
        self._file.seek(0)
        return f"{self.bytes_total}:{xxhash.xxh3_64_hexdigest(head + tail)}"

    def read(self) -> bytes:
        """The next block, at most BLOCK_BYTES; broken gzip raises ImportFailed after its last good block."""
        if not self.compressed:
            return self._file.read(BLOCK_BYTES)
        if self._stream is None:
            self._stream = gzip.GzipFile(fileobj=self._file, mode="rb")
        try:
            return self._stream.read1(BLOCK_BYTES)
        except EOFError as error:
            what = "The gzip file ends too early: it was cut off."
            raise ImportFailed(
                self.name, None, what, "Copy or export it again, then import it anew."
            ) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            what = f"The gzip file is damaged near byte {self.bytes_read:,} ({error})."
            raise ImportFailed(
                self.name, None, what, "Copy or export it again, then import it anew."
            ) from error

    def raw(self) -> BinaryIO:
        """The file itself, for formats that seek (Parquet)."""
        return self._file
