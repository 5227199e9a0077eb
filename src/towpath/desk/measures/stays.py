"""Tickets' stays with teams, and the tickets behind each figure of a team's page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from towpath.analytics.kernels.compiling import Bool, Int32, Int64
from towpath.analytics.team_stays import Stays, stays_of
from towpath.desk.measures.history import History
from towpath.desk.rules.states import (
    CANCELLED,
    NEW,
    QUEUED,
    RESOLVED,
    WAITING,
    WAITING_CUSTOMER,
    WAITING_SUPPLIER,
)

HOUR_US = 3_600_000_000
WAITS = {"customer": WAITING_CUSTOMER, "supplier": WAITING_SUPPLIER, "other": WAITING}
"""What a team waits for while it has a ticket, and in which class of states."""
PARTS = ("all", "open", "waiting", "from", "to", "back", "ping-pong", "topic", "month", *WAITS)
"""What of a team's page can be opened; `from`, `to`, `back`, `ping-pong`, `topic` and `month` take a name."""


@dataclass(frozen=True, eq=False)
class TeamStays:
    """All stays of a desk. `waited` int64[s]: microseconds new or queued; `month` int64[t] of opening;
    `open_now`, `waits_now` bool[s]: the stay in which an open ticket is."""

    history: History
    stays: Stays
    waited: Int64
    month: Int64
    open_now: Bool
    waits_now: Bool

    def code_of(self, team: str) -> int:
        """The code of a team; -2 where none has the name, -1 for nobody (empty)."""
        names = self.history.team.texts()
        return names.index(team) if team in names else -2 if team else -1

    def behind(self, team: int, part: str, name: str) -> Bool:
        """Which tickets a figure of a team's page counts: bool[t]."""
        found = np.zeros(len(self.history.tickets), np.bool_)
        found[self.stays.ticket[self._stays_behind(team, part, name)]] = True
        if part == "topic":
            topics = self.history.topic
            found &= np.array([*(each == name for each in topics.texts()), not name])[topics.codes]
        elif part == "month":
            found &= month_names(self.month) == name
        return found

    def _stays_behind(self, team: int, part: str, name: str) -> Bool:
        stays, own = self.stays, np.asarray(self.stays.team == team)
        if part in WAITS:
            return np.asarray(own & (stays.by_state[:, WAITS[part]] > 0))
        if part in ("open", "waiting"):
            return np.asarray(own & (self.open_now if part == "open" else self.waits_now))
        other = self.code_of(name)
        if part == "from":
            return np.asarray(own & (stays.before == other))
        if part in ("to", "back"):
            return np.asarray(own & (stays.after == other) & ((part == "to") | (stays.away >= 0)))
        if part == "ping-pong":
            return self.returned(team, other)
        return own

    def returned(self, team: int, other: int) -> Bool:
        """Stays that brought a ticket back from one of the two straight to the other."""
        stays = self.stays
        ours = (stays.team == team) & (stays.before == other)
        theirs = (stays.team == other) & (stays.before == team)
        return np.asarray((ours | theirs) & stays.again)


def team_stays(history: History) -> TeamStays:
    """Of all tickets of a desk."""
    facts = history.facts
    held: Int32 = np.where(history.team.codes >= 0, history.team.codes, facts.team_before).astype(np.int32)
    stays = stays_of(history.starts, history.time, history.state, held, facts.length)
    final = history.state[history.starts[1:] - 1] if len(history.tickets) else history.state
    still = ~facts.is_resolved & ~((final >= RESOLVED) & (final <= CANCELLED))
    open_now = np.asarray(stays.last & still[stays.ticket])
    idle = ((final == NEW) | (final == QUEUED))[stays.ticket]
    waited = stays.by_state[:, [NEW, QUEUED]].sum(axis=1)
    month = facts.opened.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    return TeamStays(history, stays, waited, month, open_now, np.asarray(open_now & idle))


def month_names(month: Int64) -> np.ndarray:
    """YYYY-MM, by months since 1970-01."""
    return month.astype("datetime64[M]").astype(str)
