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
        # Where even this fails, the note stays and the next writer clears up.
        with suppress(Exception):
            clear_leftovers(log, folder)
        raise
    log.store.remove([path])


def clear_leftovers(log: EventLog, folder: str) -> None:
    """Remove files that a killed writer left and nobody can see. Under the lock of that folder's writers."""
    for path in log.store.names(folder):
        intent = log.store.read_json(path)
        if isinstance(intent, dict) and log.turns(intent["writer"]) < intent["turn"]:
            log.store.remove(intent["paths"])
        log.store.remove([path])
