"""Histories are kept: in memory while a process asks again, and beside the lake."""

from __future__ import annotations

import threading
from collections import OrderedDict

from towpath.desk.measures.history import History, read_history, token_of
from towpath.desk.rules.reading import Reading
from towpath.events.store import lake

MOST_HELD = 3
"""Histories that a process holds at once."""

_held: OrderedDict[str, History] = OrderedDict()
_lock = threading.Lock()


def history_of(source: str, reading: Reading) -> History:
    """The history of a source as the lake is now."""
    snapshot = lake().snapshot()
    token = token_of(snapshot, source, reading)
    with _lock:
        found = _held.get(token)
        if found is None:
            found = read_history(snapshot, source, reading)
            _held[token] = found
        _held.move_to_end(token)
        while len(_held) > MOST_HELD:
            _held.popitem(last=False)
    return found
