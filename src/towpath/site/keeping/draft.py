"""The folder in which a backup grows, under another name until it is whole."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from towpath.events.lake import LakeBusy
from towpath.events.lake.durability import sync_path
from towpath.events.lake.lock import writer_lock
from towpath.site.keeping.manifest import KeptFile, NotKept, digest_of

PIECE = 1 << 20
_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EACCES}


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass
class Draft:
    """Files that are in the backup, by their path in it, durable once they are noted."""

    root: Path
    files: dict[str, KeptFile] = field(default_factory=dict)

    def place(self, name: str) -> Path:
        """Where to write a file; one of an earlier attempt is gone."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self.files.pop(name, None)
        return path

    def note(self, name: str) -> None:
        """A file was written there."""
        path = self.root / name
        sync_path(path)
        self.files[name] = KeptFile(name, path.stat().st_size, digest_of(path))

    def copy(self, name: str, source: Readable) -> None:
        path, digest, size = self.place(name), hashlib.sha256(), 0
        with path.open("wb") as file:
            while piece := source.read(PIECE):
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        sync_path(path)
        self.files[name] = KeptFile(name, size, digest.hexdigest())

    def link(self, name: str, source: Path) -> None:
        """A file that never changes: by a hard link where the disk is the same, else copied."""
        path = self.place(name)
        try:
            os.link(source, path)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            with source.open("rb") as file:
                self.copy(name, file)
        else:
            self.note(name)

    def keep_only(self, folder: str, names: Iterable[str]) -> None:
        """Of a folder, leave out what an earlier attempt brought and is not wanted now."""
        wanted = set(names)
        for name in [name for name in self.files if name.startswith(f"{folder}/") and name not in wanted]:
            self.place(name)

    def sync_folders(self) -> None:
        for folder in sorted((self.root, *self.root.rglob("*")), reverse=True):
            if folder.is_dir():
                sync_path(folder)


@contextmanager
def growing(target: Path) -> Iterator[Draft]:
    """A draft that becomes `target` at the end; after an error, or a kill, there is no `target`.

    Raises NotKept where `target` holds something, or another backup is being made there.
    """
    _check_empty(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.with_name(f".{target.name}.draft")
    lock = target.with_name(f".{target.name}.lock")
    with ExitStack() as held:
        try:
            held.enter_context(writer_lock(lock, 0))
        except LakeBusy as busy:
            raise NotKept(f"Another backup is being made into {target}. Wait for it.") from busy
        held.callback(lock.unlink, missing_ok=True)
        # What one that was killed left.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        draft = Draft(folder)
        yield draft
        draft.sync_folders()
        folder.rename(target)
        sync_path(target.parent)


def _check_empty(target: Path) -> None:
    if target.is_mount():
        raise NotKept(f"{target} is a disk of its own: name a folder on it that does not exist yet.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise NotKept(f"{target} is not empty. Name a folder that does not exist yet, or is empty.")
