"""What was read of a body so far, quickly or carefully, and what becomes of it at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from towpath.events.importers.conversion import Reasons
from towpath.events.receiving.attributes import NAMES, Attributes, Columns
from towpath.events.receiving.careful import Unreadable
from towpath.events.receiving.columns import build, columns_of
from towpath.events.receiving.refusals import Received, refused


class Gathered:
    """Columns of the events that were read, their places in the body, and reasons by place of the others."""

    def __init__(self) -> None:
        self._columns: dict[str, list[Any]] = {name: [] for name in NAMES}
        self._places: list[int] = []
        self._failures: dict[int, str] = {}

    def add(self, columns: Columns, places: Sequence[int]) -> None:
        """Events that were read together."""
        for name, values in columns.items():
            self._columns[name].extend(values)
        self._places.extend(places)

    def read(self, raws: Sequence[bytes], read: Callable[[bytes], Attributes], first: int = 0) -> None:
        """Read these events one by one; the first of them has the place `first`."""
        events: list[Attributes] = []
        places: list[int] = []
        for at, raw in enumerate(raws, first):
            try:
                events.append(read(raw))
                places.append(at)
            except Unreadable as error:
                self._failures[at] = str(error)
        self.add(columns_of(events), places)

    def finish(
        self, raws: Callable[[], Sequence[bytes]], place: Callable[[int], str], now: datetime
    ) -> Received:
        """`raws` gives the texts of all events, `place` says to people which event is meant."""
        reasons: Reasons = [None] * len(self._places)
        events = build(self._columns, now, self._places, reasons)
        found = zip(self._places, reasons, strict=True)
        failures = self._failures | {at: reason for at, reason in found if reason is not None}
        texts = raws() if failures else ()
        wrong = (refused(place(at), failures[at], texts[at], at) for at in sorted(failures))
        return Received(events, tuple(wrong))
