"""The tail takes a flush: one file, one commit, and the index knows what came."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from towpath.events.envelope import SORT_ORDER
from towpath.events.lake.errors import explaining_full_disk
from towpath.events.lake.index import IdentityIndex, identities
from towpath.events.lake.intents import clear_intents, intending
from towpath.events.lake.known import catch_up
from towpath.events.lake.layout import TAIL, EventFile, event_path
from towpath.events.lake.log import Change, EventLog, Turn
from towpath.events.lake.moves import Forgotten, KeyTargets
from towpath.events.lake.writing import EventWriter

INTENTS = "_intents/tail"
_FULL_ADVICE = "Free some space: what was accepted waits in the inbox, and goes on by itself."


@dataclass(frozen=True)
class Tail:
    """The tail, while its writer holds the lock (`Lake.writing`)."""

    log: EventLog
    index: IdentityIndex
    targets: KeyTargets
    forgotten: Forgotten

    def turns(self, name: str) -> int:
        """Number of the last flush of writer `name` that is in the lake; 0 for none."""
        return self.log.turns(name)

    def append(self, turn: Turn, events: pa.Table) -> int:
        """Put those of `events` (EVENT_SCHEMA) that the lake does not have into a new file of the tail.

        What belongs to somebody who was forgotten is left out.
        Returns how many were new. `turn` must not have been made yet. Raises `LakeFull`.
        """
        with explaining_full_disk(self.log.store.uri, _FULL_ADVICE):
            clear_intents(self.log, INTENTS)
            catch_up(self.index, self.log)
            named = identities(events["source"], events["id"])
            fresh = named.firsts() & ~self.index.known(named) & ~self.forgotten.drops(events)
            if not fresh.any():
                return 0
            taken = events if fresh.all() else events.filter(pa.array(fresh))
            rows = self.targets.applied(taken).sort_by([(name, "ascending") for name in SORT_ORDER])
            with intending(self.log, INTENTS, turn, _path) as token:
                file = self._write(rows, token)
                version = self.log.commit(Change(turn, (file,), (), {"written": file.rows}))
            self.index.add([named.take(fresh)], version)
        return len(rows)

    def _write(self, rows: pa.Table, token: str) -> EventFile:
        with EventWriter(self.log.store, TAIL, 0, 1, token) as writer:
            for batch in rows.combine_chunks().to_batches():
                writer.append(batch)
            file = writer.finish()
        self.log.store.sync([file.path])
        return file


def _path(token: str) -> list[str]:
    return [event_path(TAIL, 0, 1, token)]
