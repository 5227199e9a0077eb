"""All files of one version of the lake, for who copies them elsewhere."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from towpath.events.lake.layout import LAKE_FORMAT
from towpath.events.lake.log import files_of
from towpath.events.lake.retired import retired_files
from towpath.events.lake.rewriting import Body
from towpath.events.lake.storage import Store

_LOG = "_delta_log"
_ENTRY = re.compile(r"(\d{20})\.(json|checkpoint(?:\.\d+\.\d+)?\.parquet)")


@dataclass(frozen=True)
class Pin:
    """One version: paths of its events' files (with those of `retired`) and of the part of the log that tells
    of them (both below `store`), and the files of the index, opened, as they go when it changes."""

    store: Store
    version: int
    events: int
    files: tuple[str, ...]
    log: tuple[str, ...]
    index: dict[str, BinaryIO]
    format: int = LAKE_FORMAT


def pin(body: Body, opened: ExitStack) -> Pin:
    """The newest version. Under the writer's lock; the index's files stay open as long as `opened`.

    Events' files go when they were replaced a day ago, or a customer is forgotten; log files after 2 days:
    who finds one gone pins anew. Raises LakeMissing, LakeTooNew, LakeTooOld.
    """
    table = body.log.open()
    files = files_of(table)
    return Pin(
        body.log.store,
        table.version(),
        sum(file.rows for file in files),
        (*(file.path for file in files), *retired_files(body.log.store)),
        tuple(_log_of(body.log.store, table.version())),
        {path.name: opened.enter_context(path.open("rb")) for path in body.index.paths()},
    )


def _log_of(store: Store, version: int) -> list[str]:
    """Files of the log from the last checkpoint up to a version, oldest first: what is needed to open it."""
    named = [(found, path) for path in store.names(_LOG) if (found := _ENTRY.fullmatch(path.split("/")[-1]))]
    told = [(int(found[1]), path) for found, path in named if int(found[1]) <= version]
    begin = max((number for number, path in told if ".checkpoint" in path), default=0)
    return sorted(path for number, path in told if number >= begin)
