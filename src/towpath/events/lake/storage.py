"""Where the files of a table are: a local folder or an object store, behind one small door.

Object stores are reached by deltalake's own client, so that the log and the data share one configuration.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
from deltalake.fs import DeltaStorageHandler

from towpath.events.lake.durability import sync_path
from towpath.events.lake.errors import SnapshotGone
from towpath.events.lake.layout import PARTITIONS, TABLE_SCHEMA

if TYPE_CHECKING:
    import pyarrow.dataset as pads

SOURCES_KEY = b"towpath.sources"


@dataclass(frozen=True)
class Footer:
    """What a body file's footer tells.

    First and last key of each row group; for each source the number of its events and the time of the latest
    (microseconds).
    """

    metadata: pq.FileMetaData
    first_keys: npt.NDArray[np.int64]
    last_keys: npt.NDArray[np.int64]
    sources: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Store:
    """Files below one address. Equal by address, cheap to pickle: the connection is made on first use."""

    uri: str
    options: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def at(cls, place: Path | str, options: Mapping[str, str] | None = None) -> Store:
        text = str(place)
        uri = text.rstrip("/") if "://" in text else Path(text).absolute().as_uri()
        return cls(uri, dict(options or {}))

    def below(self, name: str) -> Store:
        return Store(f"{self.uri}/{name}", self.options)

    @property
    def local(self) -> Path | None:
        """The folder, when this is one of this machine."""
        parts = urlsplit(self.uri)
        return Path(unquote(parts.path)) if parts.scheme == "file" else None

    @cached_property
    def filesystem(self) -> pafs.FileSystem:
        if self.local is not None:
            return pafs.SubTreeFileSystem(str(self.local), pafs.LocalFileSystem())
        return pafs.PyFileSystem(_ObjectStore(self.uri, dict(self.options) or None))

    def __getstate__(self) -> dict[str, object]:
        return {"uri": self.uri, "options": self.options}

    def create(self, path: str) -> pa.NativeFile:
        if self.local is not None:
            (self.local / path).parent.mkdir(parents=True, exist_ok=True)
        return self.filesystem.open_output_stream(path)

    def write_json(self, path: str, value: object) -> None:
        with self.create(path) as file:
            file.write(json.dumps(value).encode())
        self.sync([path])

    def read_json(self, path: str) -> Any:
        """None for a file that its writer, killed, left unfinished."""
        with self.filesystem.open_input_stream(path) as file:
            try:
                return json.loads(file.read())
            except ValueError:
                return None

    def dataset(self, paths: Sequence[str], schema: pa.Schema) -> pads.Dataset:
        """Body files as one Arrow dataset: how DuckDB reads them from an object store."""
        # Here, as it loads pandas where that is installed: half a second that no local lake needs.
        import pyarrow.dataset as pads

        hive = pads.partitioning(pa.schema([TABLE_SCHEMA.field(name) for name in PARTITIONS]), flavor="hive")
        return pads.dataset(
            list(paths), schema=schema, filesystem=self.filesystem, format="parquet", partitioning=hive
        )

    def names(self, folder: str) -> list[str]:
        """Paths of the files right below a folder; none when it does not exist."""
        found = self.filesystem.get_file_info(pafs.FileSelector(folder, allow_not_found=True))
        return sorted(info.path for info in found if info.type == pafs.FileType.File)

    def existing(self, paths: Sequence[str]) -> list[str]:
        """Those of the files that are there."""
        found = self.filesystem.get_file_info(list(paths))
        return [info.path for info in found if info.type == pafs.FileType.File]

    def remove(self, paths: Iterable[str]) -> None:
        """Delete files; those that are not there are fine."""
        for path in paths:
            if self.filesystem.get_file_info(path).type != pafs.FileType.NotFound:
                self.filesystem.delete_file(path)

    def sync(self, paths: Iterable[str]) -> None:
        """Make files, and their names, outlive a power cut. Object stores do so by themselves."""
        if self.local is None:
            return
        folders: set[Path] = set()
        for path in paths:
            file = self.local / path
            sync_path(file)
            folders.update(folder for folder in file.parents if folder.is_relative_to(self.local))
        for folder in sorted(folders, reverse=True):
            sync_path(folder)

    def footer(self, path: str) -> Footer:
        return _footer(self, path)

    def read(
        self, path: str, groups: Sequence[int], columns: Sequence[str], encoded: Sequence[str]
    ) -> pa.Table:
        """Columns of some row groups of a body file; columns that the file is too old to have are null."""
        footer = self.footer(path)
        there = set(footer.metadata.schema.to_arrow_schema().names)
        here = [name for name in columns if name in there]
        try:
            with self.filesystem.open_input_file(path) as raw:
                dictionaries = list(encoded) or None
                file = pq.ParquetFile(
                    raw, metadata=footer.metadata, read_dictionary=dictionaries, pre_buffer=True
                )
                return file.read_row_groups(list(groups), columns=here)
        except FileNotFoundError as error:
            raise gone(path) from error


def gone(path: str) -> SnapshotGone:
    return SnapshotGone(
        f"{path} was removed since this snapshot was taken. Take a new snapshot and read again."
    )


class _ObjectStore(DeltaStorageHandler):
    """deltalake's door to an object store; it takes bytes where Arrow hands out buffers."""

    def open_output_stream(self, path: str, metadata: dict[str, str] | None = None) -> pa.PythonFile:
        return pa.PythonFile(_Sink(self._handler.open_output_stream(path, metadata)))


class _Sink(io.RawIOBase):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._stream.write(bytes(content))
        return len(content)

    def tell(self) -> int:
        return int(self._stream.tell())

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            super().close()


# Body files never change under their name, so what a footer says stays true.
@lru_cache(maxsize=4096)
def _footer(store: Store, path: str) -> Footer:
    try:
        with store.filesystem.open_input_file(path) as file:
            metadata = pq.read_metadata(file)
    except FileNotFoundError as error:
        raise gone(path) from error
    place = metadata.schema.to_arrow_schema().names.index("key")
    groups = [
        metadata.row_group(number).column(place).statistics for number in range(metadata.num_row_groups)
    ]
    return Footer(
        metadata,
        np.array([group.min for group in groups], dtype=np.int64),
        np.array([group.max for group in groups], dtype=np.int64),
        {name: (rows, latest) for name, (rows, latest) in json.loads(metadata.metadata[SOURCES_KEY]).items()},
    )
