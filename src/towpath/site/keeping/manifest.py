"""What a backup holds: `manifest.json`, written last, with a checksum of every file; and its own beside it.

manifest.json, manifest.sha256
records.sqlite3 or records.pgdump, inbox.sqlite3, forgotten.json, secrets/, uploads/
lake/events/     one version of the lake, as a Delta table that can be read as it is
lake/index/      which identities are known (those of events that were removed since too)
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path, PurePosixPath

import click
import msgspec

BACKUP_FORMAT = 1
MANIFEST, CHECKSUM = "manifest.json", "manifest.sha256"
SQLITE, POSTGRESQL = "records.sqlite3", "records.pgdump"
INBOX, FORGOTTEN = "inbox.sqlite3", "forgotten.json"
LAKE, INDEX, SECRETS, UPLOADS = "lake/events", "lake/index", "secrets", "uploads"


class NotKept(click.ClickException):
    """A backup or restore was not done; the text says why and what to do. Exit code 2."""

    exit_code = 2


class KeptFile(msgspec.Struct, frozen=True):
    """A file, by its path below the backup's folder."""

    path: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What lies in a backup, as of one instant (UTC) between `begun` and `finished`."""

    format: int
    towpath: str
    begun: datetime
    finished: datetime
    home: str
    records: str
    lake_format: int
    lake_version: int
    lake_events: int
    inbox_batches: int
    inbox_events: int
    files: tuple[KeptFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    def below(self, folder: str) -> list[KeptFile]:
        return [file for file in self.files if file.path.startswith(f"{folder}/")]


def digest_of(path: Path) -> str:
    """SHA-256, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """In the form that `sha256sum --check manifest.sha256` reads too."""
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    (folder / CHECKSUM).write_text(f"{digest_of(folder / MANIFEST)}  {MANIFEST}\n", encoding="ascii")


def verified(folder: Path) -> Manifest:
    """The manifest of a backup of which every byte is as it was written. Raises NotKept, naming the file."""
    manifest = _read(folder)
    for file in manifest.files:
        path = folder / file.path
        if not path.is_file():
            raise _damaged(file.path, "is missing")
        if path.stat().st_size != file.bytes or digest_of(path) != file.sha256:
            raise _damaged(file.path, "is not what was written")
    return manifest


def _read(folder: Path) -> Manifest:
    if not (folder / MANIFEST).is_file() or not (folder / CHECKSUM).is_file():
        raise NotKept(
            f"{folder} is no backup, or one that was not finished: it lacks {MANIFEST} or {CHECKSUM}. "
            "Name the folder that `towpath backup` said it had made."
        )
    content = (folder / MANIFEST).read_bytes()
    told = (folder / CHECKSUM).read_bytes()
    if told != f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}\n".encode():
        raise _damaged(MANIFEST, f"and {CHECKSUM} do not belong together")
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as error:
        raise _too_new(folder) from error
    if manifest.format > BACKUP_FORMAT:
        raise _too_new(folder)
    for file in manifest.files:
        if PurePosixPath(file.path).is_absolute() or ".." in PurePosixPath(file.path).parts:
            raise _damaged(MANIFEST, f"names a file outside of the backup: {file.path}")
    return manifest


def _damaged(path: str, how: str) -> NotKept:
    return NotKept(f"The backup is damaged: {path} {how}. Nothing was restored. Take another backup or copy.")


def _too_new(folder: Path) -> NotKept:
    return NotKept(f"{folder} was made by a newer Towpath than this one. Install that version, then restore.")
