"""Which tickets name a ticket: what a source says of one ticket, seen from the other."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator

import numpy as np

from towpath.desk.measures.history import History

NAMED_BY = {
    "part_of": "parent",
    "caused_by": "caused_by",
    "solved_through": "solved_through",
    "duplicate_of": "duplicate_of",
    "affects": "affects",
}
"""How a ticket is bound to another, and the column of the reading that names it."""
MOST_HELD = 6
Naming = dict[tuple[str, str], list[int]]
"""Kind and number that is named -> the tickets that name it, as places in the history."""

_held: OrderedDict[str, Naming] = OrderedDict()
_lock = threading.Lock()


def naming_of(history: History) -> Naming:
    """Who names whom; kept while the history is the same."""
    with _lock:
        kept = _held.get(history.token)
    if kept is None:
        kept = _naming(history)
        with _lock:
            _held[history.token] = kept
            while len(_held) > MOST_HELD:
                _held.popitem(last=False)
    return kept


def _naming(history: History) -> Naming:
    found: Naming = {}
    for kind, column in NAMED_BY.items():
        coded = history.of_ticket[column]
        order = np.argsort(coded.codes, kind="stable")
        bounds = np.searchsorted(coded.codes[order], np.arange(len(coded.names) + 1))
        for code, text in enumerate(coded.texts()):
            places = order[bounds[code] : bounds[code + 1]].tolist()
            for number in numbers_in(text):
                found.setdefault((kind, number), []).extend(places)
    return found


def numbers_in(text: str) -> Iterator[str]:
    """Numbers with commas between, each once."""
    yield from dict.fromkeys(filter(None, (each.strip() for each in text.split(","))))
