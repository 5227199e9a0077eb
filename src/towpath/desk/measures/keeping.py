"""Histories are kept: in memory while a process asks again, and beside the lake."""

from __future__ import annotations

import threading
from collections import OrderedDict

from towpath.desk.measures import shelf
from towpath.desk.measures.history import History, read_history, token_of
from towpath.desk.rules.reading import Reading
from towpath.desk.shelves import clear, state_of_forgetting
from towpath.events.store import lake

MOST_HELD = 3
"""Histories that a process holds at once."""
KEPT_FROM = 200_000
"""Movements from which on a history is kept beside the lake; fewer are read as fast."""

_held: OrderedDict[str, History] = OrderedDict()
_lock = threading.Lock()


def history_of(source: str, reading: Reading) -> History:
    """The history of a source as the lake is now."""
    snapshot = lake().snapshot()
    token = token_of(snapshot, source, reading)
    with _lock:
        found = _held.get(token)
        if found is None:
            state = state_of_forgetting()
            name = f"{token}-{state}"
            found = shelf.found(source, name, token, reading) if state else None
            if found is None:
                found = read_history(snapshot, source, reading)
                if state and len(found.time) >= KEPT_FROM:
                    _keep(found, name, state)
            _held[token] = found
        _held.move_to_end(token)
        while len(_held) > MOST_HELD:
            _held.popitem(last=False)
    return found


def _keep(history: History, name: str, state: str) -> None:
    folder = shelf.put(history, name)
    # Whoever began to forget meanwhile may have looked here before it was put.
    if folder is not None and state_of_forgetting() != state:
        clear()
