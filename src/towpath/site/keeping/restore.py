"""A backup becomes a home. Nothing is touched before every byte of it was checked.

What is brought gathers in a folder of the home whose presence keeps everything else from starting; it goes
when all is in its place.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from towpath.events.lake.durability import sync_path
from towpath.events.lake.errors import explaining_full_disk
from towpath.events.lake.storage import Store
from towpath.foundation.operations.databases import database_of
from towpath.foundation.operations.environment import text
from towpath.foundation.operations.home import PRIVATE_FOLDER, Home, home
from towpath.site.keeping import manifest as parts
from towpath.site.keeping.draft import Draft
from towpath.site.keeping.forgotten import read_list
from towpath.site.keeping.halves import mark_of
from towpath.site.keeping.manifest import KeptFile, Manifest, NotKept, verified
from towpath.site.keeping.records import check_postgresql_empty, restore_postgresql

_FULL_ADVICE = "Free some space, empty the home, and give the same command again."
_MAY_LIE_THERE = {"lost+found"}


@dataclass(frozen=True)
class Restored:
    """What was brought, and how many subjects were taken out of it since they had been forgotten."""

    manifest: Manifest
    forgotten_again: int


def restore(source: Path, later_list: Path | None, *, inbox_only: bool = False) -> Restored:
    """Into the home of this environment, which must be empty. `later_list`: who was forgotten since.

    `inbox_only`: a further node, beside records and lake that are there already. Raises NotKept, LakeFull.
    """
    os.umask(0o077)
    manifest = verified(source)
    later = None if later_list is None else read_list(later_list)
    place, settings = home(), database_of(text("TOWPATH_DATABASE_URL"), home().records)
    elsewhere = text("TOWPATH_LAKE_URL")
    _check_home(place)
    if inbox_only:
        manifest = _of_the_node(manifest)
    else:
        _check_records(manifest, settings)
        _check_lake(elsewhere)
    with explaining_full_disk(str(place.root), _FULL_ADVICE):
        _bring(source, manifest, place, elsewhere)
        if manifest.records == parts.POSTGRESQL and not inbox_only:
            restore_postgresql(settings, source / parts.POSTGRESQL)
        # The settings, and models, of the home that is there now.
        from towpath.site.cli import prepare

        prepare()
        from towpath.site.keeping.settling import settle

        forgotten = settle(manifest, later, inbox_only=inbox_only)
    mark_of(place).rmdir()
    sync_path(place.root)
    return Restored(manifest, forgotten)


def _of_the_node(manifest: Manifest) -> Manifest:
    """The manifest with the files alone that no other node has."""
    own = [
        each for each in manifest.files if each.path.startswith((parts.INBOX, parts.SECRETS, parts.UPLOADS))
    ]
    return msgspec.structs.replace(manifest, files=tuple(own))


def _check_home(place: Home) -> None:
    root = place.root
    if root.exists() and (not root.is_dir() or {each.name for each in root.iterdir()} - _MAY_LIE_THERE):
        raise NotKept(
            f"TOWPATH_HOME ({root}) is not empty, and a restore writes over nothing. "
            "Name an empty folder, or move away what is there."
        )


def _check_records(manifest: Manifest, settings: dict[str, Any]) -> None:
    postgresql = settings["ENGINE"].endswith("postgresql")
    if postgresql != (manifest.records == parts.POSTGRESQL):
        raise NotKept(
            "The backup's records are of PostgreSQL: let TOWPATH_DATABASE_URL name an empty database."
            if not postgresql
            else "The backup's records are of SQLite: unset TOWPATH_DATABASE_URL."
        )
    if postgresql:
        check_postgresql_empty(settings)


def _check_lake(elsewhere: str) -> None:
    if elsewhere and Store.at(elsewhere).below("events").names("_delta_log"):
        raise NotKept(f"There is a lake at {elsewhere} (TOWPATH_LAKE_URL) already. Name an empty place.")


def _bring(source: Path, manifest: Manifest, place: Home, elsewhere: str) -> None:
    place.root.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    draft = Draft(mark_of(place))
    draft.root.mkdir(mode=PRIVATE_FOLDER)
    left_out = {parts.POSTGRESQL, parts.FORGOTTEN}
    of_lake = manifest.below(parts.LAKE)
    wanted = [file for file in manifest.files if file.path not in left_out]
    if elsewhere:
        wanted = [file for file in wanted if file not in of_lake]
        _put(source, of_lake, Store.at(elsewhere).below("events"))
    for file in wanted:
        _copy(source, file, draft, _name_in_home(file.path, elsewhere))
    draft.sync_folders()
    for entry in sorted(draft.root.iterdir()):
        entry.rename(place.root / entry.name)
    sync_path(place.root)


def _name_in_home(path: str, elsewhere: str) -> str:
    """Of a lake elsewhere the index is brought into the home itself; `settle` knows where it belongs."""
    return path.removeprefix("lake/") if elsewhere and path.startswith(parts.INDEX) else path


def _copy(source: Path, file: KeptFile, draft: Draft, name: str) -> None:
    with (source / file.path).open("rb") as content:
        draft.copy(name, content)
    if draft.files[name].sha256 != file.sha256:
        raise NotKept(
            f"{file.path} of the backup changed while it was read. Empty the home and restore anew."
        )


def _put(source: Path, files: Iterable[KeptFile], store: Store) -> None:
    """Events' files first: the log makes a table of them."""
    for file in sorted(files, key=lambda file: "_delta_log" in file.path):
        name = str(PurePosixPath(*PurePosixPath(file.path).parts[2:]))
        with (source / file.path).open("rb") as content, store.create(name) as copy:
            while piece := content.read(1 << 20):
                copy.write(piece)
        store.sync([name])
