"""Where an import gathers its rows before the body takes them all at once.

A staging area survives its process: `checkpoint` makes the rows so far durable together with the reader's
position, and opening the area again drops what came after it.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from towpath.events.envelope import EVENT_SCHEMA
from towpath.events.lake.durability import sync_path, write_durably
from towpath.events.lake.errors import LakeError, explaining_full_disk
from towpath.events.lake.layout import months_of

ORDINAL = "ordinal"
"""Place of a row within its import; of two rows with one identity the first wins."""

FLUSH_ROWS = 262_144
FLUSH_BYTES = 256 << 20

_STAGED_SCHEMA = EVENT_SCHEMA.append(pa.field(ORDINAL, pa.int64(), nullable=False))
_REQUIRED = [field.name for field in EVENT_SCHEMA if not field.nullable]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FULL_ADVICE = "Free some space, then start the same import again: it goes on after its last checkpoint."


class Staging:
    """Rows of import `import_id`, below `directory` (a local folder; one writer at a time).

    The id is what makes an import count once: absorb the same one again and nothing changes.
    """

    def __init__(self, directory: Path | str, import_id: str, *, flush_rows: int = FLUSH_ROWS) -> None:
        if not _NAME.fullmatch(import_id):
            raise ValueError(
                f"Import id {import_id!r}: use up to 100 letters, digits, dots, dashes, underscores."
            )
        self.import_id = import_id
        self.path = Path(directory) / import_id
        self._flush_rows = flush_rows
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = self._waiting_bytes = 0
        self._flushes, self._flushed_rows, self._state = self._saved()
        self._safe_rows = self._flushed_rows
        self._drop_after(self._flushes)

    @property
    def rows(self) -> int:
        """Rows appended so far, those of earlier processes (up to the last checkpoint) included."""
        return self._flushed_rows + self._waiting_rows

    @property
    def safe_rows(self) -> int:
        """Rows up to the last checkpoint."""
        return self._safe_rows

    def append(self, batch: pa.RecordBatch) -> None:
        """Take rows of `EVENT_SCHEMA`. Raises `ValueError` for another schema or a missing required value."""
        _check(batch)
        self._waiting.append(batch)
        self._waiting_rows += batch.num_rows
        self._waiting_bytes += batch.nbytes
        if self._waiting_rows >= self._flush_rows or self._waiting_bytes >= FLUSH_BYTES:
            self.flush()

    def checkpoint(self, state: Mapping[str, Any]) -> None:
        """Make everything appended so far durable, with the reader's position (JSON).

        Writes a file per month, so every few seconds, or some 100,000 rows, is often enough.
        """
        self.flush()
        saved = {"flushes": self._flushes, "rows": self._flushed_rows, "state": dict(state)}
        with explaining_full_disk(str(self.path), _FULL_ADVICE):
            self.path.mkdir(parents=True, exist_ok=True)
            write_durably(self.path / "checkpoint.json", json.dumps(saved).encode())
        self._state, self._safe_rows = dict(state), self._flushed_rows

    def resume(self) -> dict[str, Any] | None:
        """The position saved last, to read on from; None for an import that starts."""
        return self._state

    def flush(self) -> None:
        """Write the rows in memory, one file per month."""
        if not self._waiting_rows:
            self._waiting = []
            return
        with explaining_full_disk(str(self.path), _FULL_ADVICE):
            self._write(pa.Table.from_batches(self._waiting))
        self._flushes += 1
        self._flushed_rows += self._waiting_rows
        self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0

    def months(self) -> dict[str, list[Path]]:
        """Files by month, oldest month first."""
        found = sorted(self.path.glob("month=*/*.parquet"))
        names = sorted({file.parent.name for file in found})
        return {
            name.removeprefix("month="): [file for file in found if file.parent.name == name]
            for name in names
        }

    def discard(self) -> None:
        """Forget the import; what the body took stays."""
        # The checkpoint goes first: without it, files left behind by a kill are dropped when opened again.
        (self.path / "checkpoint.json").unlink(missing_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)

    def _write(self, table: pa.Table) -> None:
        first = self._flushed_rows
        table = table.append_column(_STAGED_SCHEMA.field(ORDINAL), pa.array(_range(first, table.num_rows)))
        months = months_of(table["time"])
        for month in np.unique(months):
            folder = self.path / f"month={month}"
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"{self._flushes:08d}.parquet"
            pq.write_table(
                table.filter(pa.array(months == month)), file, compression="zstd", compression_level=1
            )
            sync_path(file)
            sync_path(folder)
        sync_path(self.path)

    def _saved(self) -> tuple[int, int, dict[str, Any] | None]:
        file = self.path / "checkpoint.json"
        if not file.exists():
            return 0, 0, None
        try:
            saved = json.loads(file.read_bytes())
            return saved["flushes"], saved["rows"], saved["state"]
        except (ValueError, KeyError) as error:
            raise LakeError(
                f"{file} cannot be read ({error}). Delete the folder {self.path} and import the file again: "
                "nothing of it is in the lake yet."
            ) from error

    def _drop_after(self, flushes: int) -> None:
        for file in self.path.glob("month=*/*.parquet"):
            if int(file.stem) >= flushes:
                file.unlink()


def _range(first: int, count: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.arange(first, first + count, dtype=np.int64)


def _check(batch: pa.RecordBatch) -> None:
    if not batch.schema.equals(EVENT_SCHEMA):
        raise ValueError(f"Rows must have the envelope's schema, not {batch.schema}")
    for name in _REQUIRED:
        if batch.column(name).null_count:
            raise ValueError(f"Column {name} has missing values; every event needs one.")
