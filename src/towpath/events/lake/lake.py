"""The lake: where all events lie. One process writes it at a time, any number read it."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from towpath.events.lake import rewriting, tail
from towpath.events.lake.absorbing import Absorbed, absorb
from towpath.events.lake.checking import Checking
from towpath.events.lake.compacting import TAIL_FILES, Compacted, compact, due, fold
from towpath.events.lake.erasing import Erased, Target, erase
from towpath.events.lake.expiring import Expired, Expires, expire, would_expire
from towpath.events.lake.index import IdentityIndex
from towpath.events.lake.intents import clear_intents
from towpath.events.lake.known import catch_up
from towpath.events.lake.layout import BUCKET_ROWS
from towpath.events.lake.lock import BODY, WRITER, FileLocks, Locks
from towpath.events.lake.log import EventLog, files_of
from towpath.events.lake.moves import Forgotten, KeyTargets, Moves
from towpath.events.lake.rewriting import Body
from towpath.events.lake.snapshot import Snapshot
from towpath.events.lake.staging import Staging
from towpath.events.lake.storage import Store
from towpath.events.lake.tail import Tail
from towpath.events.lake.upgrading import check_older, steps, upgrade
from towpath.events.lake.withdrawing import Told, Withdrawn, withdraw

LOCK_TIMEOUT_S = 60.0
INTENT_FOLDERS = (rewriting.INTENTS, tail.INTENTS)


class KeyBook(Protocol):
    """Who keeps whose story events belong to (`events.keys`)."""

    def pending(self) -> tuple[Moves, list[int]]:
        """Changes that the body does not show yet, and their numbers."""

    def settle(self, changes: Iterable[int]) -> None:
        """The body shows these now."""


class Lake:
    """A lake at `root`: a folder of this machine, or the URL of an object store.

    For an object store `local` names a folder of this machine for index, sorting and locks; then only this
    machine may write. With other `locks` (`events.leasing`) several may, each with a `local` of its own,
    wherever the lake lies. `bucket_rows`: a month of fewer events lies in one bucket. `memory`: what merging
    may use ("2GB") before it spills into the staging folder. `moves` and `targets` tell whose story events
    belong to where that changed, `forgotten` whose do not come in (all asked while a lock is held, so that
    nothing slips between). A tail of `tail_files` is long enough to be compacted.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        storage_options: Mapping[str, str] | None = None,
        local: Path | None = None,
        bucket_rows: int = BUCKET_ROWS,
        memory: str = "2GB",
        moves: Callable[[], Moves] = Moves,
        targets: Callable[[], KeyTargets] = KeyTargets,
        forgotten: Callable[[], Forgotten] = Forgotten,
        tail_files: int = TAIL_FILES,
        locks: Locks | None = None,
    ) -> None:
        store = Store.at(root, storage_options)
        own = local if locks else store.local or local
        if own is None:
            raise ValueError(
                f"A lake at {root} needs `local`, a folder of this machine for the writer's lock."
            )
        self._locks = locks or FileLocks(own)
        self._log = EventLog(store.below("events"), self._locks)
        self._moves, self._targets, self._tail_files = moves, targets, tail_files
        self._forgotten = forgotten
        self._spill = own / "spill"
        self._index = own / "index"
        self._body = Body(self._log, IdentityIndex(self._index), bucket_rows, memory)

    def create(self) -> None:
        """Make the lake where there is none; else change nothing. Raises `LakeTooOld`."""
        if self._log.exists():
            return
        with self._locks(WRITER, LOCK_TIMEOUT_S):
            if not self._log.exists():
                check_older(self._log)
                self._log.create()

    @contextmanager
    def still(self, *, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[Body]:
        """Keep everybody from writing, for what must be seen or changed at one instant. Raises `LakeBusy`."""
        with self._locks(BODY, timeout_s), self._locks(WRITER, timeout_s):
            yield self._body

    def check_known(self) -> None:
        """Raises `LakeTooNew`, `LakeTooOld` where this Towpath cannot work with what is there."""
        if self._log.exists():
            self._log.open()
        else:
            check_older(self._log)

    def outdated(self) -> list[str]:
        """What `upgrade` would do, in words; nothing where there is nothing to do. Raises `CannotUpgrade`."""
        return steps(self._log)

    def upgrade(self, *, timeout_s: float = LOCK_TIMEOUT_S) -> None:
        """Bring a lake of an older format to today's. Raises `LakeBusy`, `CannotUpgrade`."""
        with self.still(timeout_s=timeout_s) as body:
            upgrade(body)

    def snapshot(self, version: int | None = None) -> Snapshot:
        """The newest version, or an older one that is still kept, its events under the keys of today.

        Raises `LakeMissing`, `LakeTooNew`.
        """
        # The moves first: what a compaction settles in between is then merely done twice.
        moves = self._moves()
        table = self._log.open(version)
        return Snapshot(self._log.store, table.version(), files_of(table), moves)

    @contextmanager
    def writing(self, *, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[Tail]:
        """Hold the writer's lock to append flushes to the tail. Raises `LakeBusy`."""
        with self._locks(WRITER, timeout_s):
            yield Tail(self._log, self._body.index, self._targets(), self._forgotten())

    def absorb(
        self,
        staging: Staging,
        *,
        timeout_s: float = LOCK_TIMEOUT_S,
    ) -> Absorbed:
        """Take what was staged into the body, as one commit, and clear the staging folder.

        Of several events with one (source, id) the first stays, whatever their months. Killed at any time and
        run again, nothing is lost or doubled. Raises `LakeBusy` when another writer takes longer than
        `timeout_s` seconds, `LakeFull` on a full disk (lake and staged rows are as before), `LakeTooNew`.
        """
        with self._locks(BODY, timeout_s), self._locks(WRITER, timeout_s):
            return absorb(self._body, staging, self._targets(), self._forgotten())

    def settle_keys(self, book: KeyBook, *, timeout_s: float = LOCK_TIMEOUT_S) -> Compacted:
        """Bring the body to the keys of today, and the tail with it. Raises `LakeBusy`, `LakeFull`.

        The book is asked once nobody else can be settling: a change that was undone meanwhile is not done.
        """
        with self._locks(BODY, timeout_s):
            moves, changes = book.pending()
            done = compact(self._body, self._spill, lambda: self._locks(WRITER, timeout_s), moves)
            book.settle(changes)
            return done

    def compact(self, *, force: bool = False, timeout_s: float = LOCK_TIMEOUT_S) -> Compacted:
        """Move the tail into the body where it has grown long or old enough (or `force`).

        Flushes go on meanwhile. Raises `LakeBusy`, `LakeFull`.
        """
        with self._locks(BODY, timeout_s):
            action = due(self.snapshot().files, datetime.now(UTC), self._tail_files)
            if force or action == "compact":
                return compact(self._body, self._spill, lambda: self._locks(WRITER, timeout_s))
            if action == "fold":
                return fold(self._body, lambda: self._locks(WRITER, timeout_s))
            return Compacted(0, 0)

    def erase(self, target: Target, *, timeout_s: float = LOCK_TIMEOUT_S) -> Erased:
        """Take a customer out, in files that were replaced before too. Raises `LakeBusy`, `LakeFull`."""
        with self._locks(BODY, timeout_s), self._locks(WRITER, timeout_s):
            erased = erase(self._body, target)
            # A compaction that was killed while it spilled left rows there.
            shutil.rmtree(self._spill, ignore_errors=True)
            clear_intents(self._log, tail.INTENTS)
            self._log.open().vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
            return erased

    def withdraw(self, told: Told, *, timeout_s: float = LOCK_TIMEOUT_S) -> Withdrawn:
        """Take back events of cases whose whole history was told without them. Raises `LakeBusy`,
        `LakeFull`."""
        with self._locks(BODY, timeout_s), self._locks(WRITER, timeout_s):
            return withdraw(self._body, told)

    def turns(self, writer: str) -> int:
        """Number of the last commit of a writer (an inbox: of its last batch in the lake); 0 for none."""
        return self._log.turns(writer)

    def would_expire(self, expires: Expires) -> Expired:
        """How many events `expire` would take out of the body. Raises `LakeMissing`."""
        return would_expire(self._log, expires)

    def expire(self, expires: Expires, *, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[Expired]:
        """Take out what is older than retention allows, one commit a month; yields what each one took.

        Flushes go on meanwhile. Raises `LakeBusy`, `LakeFull`.
        """
        self.compact(force=True, timeout_s=timeout_s)
        with self._locks(BODY, timeout_s):
            yield from expire(self._body, lambda: self._locks(WRITER, timeout_s), expires)

    def keep_log(self, days: int, *, timeout_s: float = LOCK_TIMEOUT_S) -> bool:
        """Have the log keep its entries for so many days; returns whether that is new. Raises `LakeBusy`."""
        with self._locks(WRITER, timeout_s):
            return self._log.keep(days)

    def check(self) -> Checking:
        """A look at every file and the index, which changes nothing and waits for nobody."""
        return Checking(self._log, IdentityIndex(self._index), self._spill.parent)

    def tidy_index(self, *, timeout_s: float = LOCK_TIMEOUT_S) -> bool:
        """Bring the index to the newest version (other nodes commit too), and merge two large runs of it,
        beside the flushes; returns whether there were two to merge."""
        index = self._body.index
        with self._locks(BODY, timeout_s):
            with self._locks(WRITER, timeout_s):
                catch_up(index, self._log)
            found = index.large_merge()
            if found is None:
                return False
            with self._locks(WRITER, timeout_s):
                index.replace(*found)
        return True

    def vacuum(self, keep: timedelta, *, timeout_s: float = LOCK_TIMEOUT_S) -> int:
        """Delete files that left the body longer ago than `keep` (to the hour); returns how many.

        Snapshots that still need them then raise `SnapshotGone`.
        """
        hours = math.ceil(keep / timedelta(hours=1))
        with self._locks(BODY, timeout_s), self._locks(WRITER, timeout_s):
            for folder in INTENT_FOLDERS:
                clear_intents(self._log, folder)
            table = self._log.open()
            return len(table.vacuum(retention_hours=hours, dry_run=False, enforce_retention_duration=False))
