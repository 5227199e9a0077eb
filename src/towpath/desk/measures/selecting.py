"""Which tickets of a desk are looked at."""

from __future__ import annotations

from datetime import datetime

import msgspec
import numpy as np
import pyarrow.compute as pc

from towpath.analytics.kernels.compiling import Bool
from towpath.desk.measures.history import History
from towpath.journeys.measures.evidence import microseconds_of

BY = ("kind", "topic", "service", "component", "channel", "country", "impact", "urgency")
"""Columns of tickets of which one value can be asked for."""


class Chosen(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tickets opened from `start` (inclusive) to `end` (exclusive), with these values. Empty: all."""

    start: datetime | None = None
    end: datetime | None = None
    kind: str = ""
    topic: str = ""
    service: str = ""
    component: str = ""
    channel: str = ""
    country: str = ""
    impact: str = ""
    urgency: str = ""
    team: str = ""
    """Tickets that were with this team at any time."""

    @property
    def everything(self) -> bool:
        return self == Chosen()


def chosen_in(history: History, chosen: Chosen) -> Bool:
    """Which tickets are meant: bool[t]."""
    found = np.ones(len(history.tickets), np.bool_)
    opened = history.facts.opened
    if chosen.start is not None:
        found &= opened >= microseconds_of(chosen.start)
    if chosen.end is not None:
        found &= opened < microseconds_of(chosen.end)
    for name in BY:
        if wanted := getattr(chosen, name):
            column = history.of_ticket[name]
            found &= column.codes == _code(column.names, wanted)
    if chosen.team:
        rows = history.team.codes == _code(history.team.names, chosen.team)
        had = np.zeros(len(found), np.bool_)
        had[history.ticket_of[rows]] = True
        found &= had
    return found


def _code(names: object, wanted: str) -> int:
    place = pc.index(names, wanted).as_py()
    return place if place >= 0 else -2
