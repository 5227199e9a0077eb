"""Histories are kept: in memory while a process asks again, and beside the lake."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from towpath.desk.measures import shelf
from towpath.desk.measures.filling import Fill, filled
from towpath.desk.measures.history import History, read_history, token_of
from towpath.desk.rules.reading import Reading
from towpath.desk.shelves import clear, state_of_forgetting
from towpath.events.lake import Snapshot
from towpath.events.store import lake

MOST_HELD = 4
"""Histories that a process holds at once."""
KEPT_FROM = 200_000
"""Movements from which on a history is kept beside the lake; fewer are read as fast."""

_held: OrderedDict[str, History] = OrderedDict()
_lock = threading.Lock()


def history_of(source: str, reading: Reading, fills: Sequence[Fill] = ()) -> History:
    """The history of a source as the lake is now, with what people said of links that it lacks."""
    snapshot = lake().snapshot()
    token = token_of(snapshot, source, reading)
    with _lock:
        plain = _holding(token, lambda: _found(snapshot, source, reading, token))
        if not fills:
            return plain
        return _holding(f"{token} {fills!r}", lambda: filled(plain, fills))


def _holding(name: str, make: Callable[[], History]) -> History:
    found = _held.get(name)
    if found is None:
        found = _held[name] = make()
    _held.move_to_end(name)
    while len(_held) > MOST_HELD:
        _held.popitem(last=False)
    return found


def _found(snapshot: Snapshot, source: str, reading: Reading, token: str) -> History:
    state = state_of_forgetting()
    name = f"{token}-{state}"
    kept = shelf.found(source, name, token, reading) if state else None
    if kept is not None:
        return kept
    found = read_history(snapshot, source, reading)
    if state and len(found.time) >= KEPT_FROM:
        _keep(found, name, state)
    return found


def _keep(history: History, name: str, state: str) -> None:
    folder = shelf.put(history, name)
    # Whoever began to forget meanwhile may have looked here before it was put.
    if folder is not None and state_of_forgetting() != state:
        clear()
