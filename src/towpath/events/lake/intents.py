"""Notes of what a writer is about to add, so that a killed one leaves no file that nobody can see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from towpath.events.lake.log import EventLog, Turn


@contextmanager
def intending(log: EventLog, folder: str, turn: Turn, paths: Callable[[str], list[str]]) -> Iterator[str]:
    """Note the files that `turn` is about to write, and hand out the token that names them."""
    token = uuid4().hex
    path = f"{folder}/{token}.json"
    log.store.write_json(path, {"writer": turn.name, "turn": turn.number, "paths": paths(token)})
    try:
        yield token
    except Exception:
        # Where even this fails, the note stays and the next writer clears up. Only our own: with a lock that
        # was lost meanwhile, the others are of somebody who is at work.
        with suppress(Exception):
            _clear(log, path)
        raise
    log.store.remove([path])


def clear_intents(log: EventLog, folder: str) -> None:
    """Remove files that a killed writer left and nobody can see. Under the lock of that folder's writers."""
    found = log.store.names(folder)
    if found:
        log.bar()
    for path in found:
        _clear(log, path)


def _clear(log: EventLog, path: str) -> None:
    intent = log.store.read_json(path)
    if isinstance(intent, dict) and log.turns(intent["writer"]) < intent["turn"]:
        log.store.remove(intent["paths"])
    log.store.remove([path])
