"""Where this installation's events lie, and where those wait that are on their way there."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path

from django.db import connection

from towpath.events import keys
from towpath.events.inbox import Inbox
from towpath.events.lake import Lake
from towpath.events.lake.compacting import TAIL_FILES
from towpath.events.lake.lock import FileLocks, Locks
from towpath.events.leasing import Leases
from towpath.foundation.operations.environment import number
from towpath.foundation.operations.home import home


def lake() -> Lake:
    """The lake of this home, or the one that `TOWPATH_LAKE_URL` names; made where there is none."""
    found = lake_as_it_is()
    found.create()
    return found


def lake_as_it_is() -> Lake:
    """The same, also where there is none yet, or one of an older format."""
    named = os.environ.get("TOWPATH_LAKE_URL", "").strip()
    shared = bool(named) and connection.vendor == "postgresql"
    return _lake(named or str(home().lake), home().root, shared)


def inbox() -> Inbox:
    """The inbox of this home: one for each web node; made where there is none. Raises `InboxBroken`."""
    return _inbox(home().inbox)


FORGETTING = "forgetting"
"""Held while somebody is forgotten, and for the moment in which an import begins."""


def in_turn(name: str, timeout_s: float) -> AbstractContextManager[None]:
    """Hold what one process at a time does, on all nodes that share the records. Raises `LakeBusy`.

    The end of a process lets go of it: at once, or where nodes share the records when its lease has run out.
    """
    locks: Locks = Leases() if connection.vendor == "postgresql" else FileLocks(home().root)
    return locks(name, timeout_s)


@lru_cache(maxsize=8)
def _lake(place: str, root: Path, shared: bool) -> Lake:
    """`shared`: records and lake are where other nodes reach them too, so that leases keep writers apart."""
    tail_files = number("TOWPATH_TAIL_FILES", default=TAIL_FILES)
    return Lake(
        place,
        local=root,
        moves=keys.moves,
        targets=keys.targets,
        forgotten=keys.forgotten,
        tail_files=tail_files,
        locks=Leases() if shared else None,
    )


@lru_cache(maxsize=8)
def _inbox(path: Path) -> Inbox:
    return Inbox(path)
