"""What a team's page says: who waits for it, what it waits for, to whom it hands, and of what."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from towpath.analytics.kernels.compiling import Int32, Int64
from towpath.desk.measures.flow import moment
from towpath.desk.measures.stays import HOUR_US, WAITS, TeamStays, month_names
from towpath.desk.rules.states import WORKING
from towpath.desk.schemas.teams import (
    TeamEffort,
    TeamHandOver,
    TeamLine,
    TeamPage,
    TeamPart,
    TeamPartner,
    TeamWait,
    WaitsForTeam,
)

MOST = 12
"""Rows of a table; the rest is small and is left out."""


def lines_of(found: TeamStays) -> tuple[TeamLine, ...]:
    """Every team, those with most tickets first."""
    stays, names = found.stays, found.history.team.texts()
    lines = []
    for code, rows in _groups(stays.team):
        line = TeamLine(
            team=names[code],
            tickets=_tickets(found, rows),
            stays=len(rows),
            open=int(found.open_now[rows].sum()),
            waiting=int(found.waits_now[rows].sum()),
            hours_waited=_median(found.waited[rows]),
            came_back=int(stays.again[rows].sum()),
        )
        lines.append(line)
    return tuple(sorted(lines, key=lambda line: (-line.tickets, line.team)))


def page_of(found: TeamStays, team: int, effort: TeamEffort, desk: str) -> TeamPage:
    """`team`: a code of the history."""
    history, own = found.history, np.flatnonzero(found.stays.team == team)
    topic = history.topic.codes[found.stays.ticket[own]]
    topics = ["", *history.topic.texts()]
    return TeamPage(
        desk=desk,
        team=history.team.texts()[team],
        as_of=moment(history.as_of),
        tickets=_tickets(found, own),
        stays=len(own),
        open=int(found.open_now[own].sum()),
        waiting=int(found.waits_now[own].sum()),
        waits_for_us=_waits_for_us(found, own),
        we_wait_for=(*_waits_in_hand(found, own), *_waits_elsewhere(found, own)),
        hands_to=_hands_to(found, own),
        ping_pong=_partners(found, team),
        effort=effort,
        topics=_parts(found, own, topic, lambda code: topics[code + 1])[:MOST],
        months=_months(found, own),
    )


def _waits_for_us(found: TeamStays, own: Int64) -> tuple[WaitsForTeam, ...]:
    names = [*found.history.team.texts(), ""]
    rows = []
    for code, places in _groups(found.stays.before[own]):
        at = own[places]
        waited = found.waited[at]
        row = WaitsForTeam(
            team=names[code],
            stays=len(at),
            tickets=_tickets(found, at),
            hours=float(waited.sum() / HOUR_US),
            median_hours=_median(waited),
            upper_hours=float(np.quantile(waited, 0.9) / HOUR_US),
            waiting=int(found.waits_now[at].sum()),
        )
        rows.append(row)
    return tuple(sorted(rows, key=lambda row: (-row.hours, row.team)))[:MOST]


def _waits_in_hand(found: TeamStays, own: Int64) -> list[TeamWait]:
    rows = []
    for what, state in WAITS.items():
        spent = found.stays.by_state[own, state]
        at = own[spent > 0]
        if len(at):
            hours = float(spent.sum() / HOUR_US)
            rows.append(TeamWait(what, "", _tickets(found, at), hours, _median(spent[spent > 0])))
    return sorted(rows, key=lambda row: -row.hours)


def _waits_elsewhere(found: TeamStays, own: Int64) -> list[TeamWait]:
    """For other teams: from handing a ticket over until it came back."""
    stays, names = found.stays, found.history.team.texts()
    back = own[(stays.away[own] >= 0) & (stays.after[own] >= 0)]
    rows = []
    for code, places in _groups(stays.after[back]):
        at = back[places]
        away = stays.away[at]
        hours = float(away.sum() / HOUR_US)
        rows.append(TeamWait("team", names[code], _tickets(found, at), hours, _median(away)))
    return sorted(rows, key=lambda row: (-row.hours, row.team))[:MOST]


def _hands_to(found: TeamStays, own: Int64) -> tuple[TeamHandOver, ...]:
    stays, names = found.stays, found.history.team.texts()
    given = own[stays.after[own] >= 0]
    rows = []
    for code, places in _groups(stays.after[given]):
        at = given[places]
        back = int((stays.away[at] >= 0).sum())
        rows.append(TeamHandOver(names[code], len(at), _tickets(found, at), back))
    return tuple(sorted(rows, key=lambda row: (-row.hand_overs, row.team)))[:MOST]


def _partners(found: TeamStays, team: int) -> tuple[TeamPartner, ...]:
    """Both ways: what came back to us from them, and to them from us."""
    stays, names = found.stays, found.history.team.texts()
    near = stays.again & ((stays.team == team) | (stays.before == team)) & (stays.before >= 0)
    rows = np.flatnonzero(near)
    other = np.where(stays.team[rows] == team, stays.before[rows], stays.team[rows])
    total = found.history.facts.by_state.sum(axis=1)
    partners = []
    for code, places in _groups(other):
        tickets = np.unique(stays.ticket[rows[places]])
        hours = float(total[tickets].sum() / HOUR_US)
        partners.append(TeamPartner(names[code], len(tickets), len(places), hours))
    return tuple(sorted(partners, key=lambda row: (-row.tickets, row.team)))[:MOST]


def _parts(
    found: TeamStays, own: Int64, key: Int64 | Int32, name: Callable[[int], str]
) -> tuple[TeamPart, ...]:
    parts = []
    for code, places in _groups(key):
        at = own[places]
        handed = at[found.stays.after[at] >= 0]
        part = TeamPart(
            name=name(code),
            tickets=_tickets(found, at),
            hours_waited=_median(found.waited[at]),
            hours_worked=float(found.stays.by_state[at, WORKING].sum() / HOUR_US),
            handed_on=_tickets(found, handed),
        )
        parts.append(part)
    return tuple(sorted(parts, key=lambda part: (-part.tickets, part.name)))


def _months(found: TeamStays, own: Int64) -> tuple[TeamPart, ...]:
    month = found.month[found.stays.ticket[own]]
    parts = _parts(found, own, month, lambda code: str(month_names(np.array([code]))[0]))
    return tuple(sorted(parts, key=lambda part: part.name))


def _groups(codes: Int64 | Int32) -> list[tuple[int, Int64]]:
    """Each code and the places that hold it."""
    if not len(codes):
        return []
    order = np.argsort(codes, kind="stable")
    distinct, edges = np.unique(codes[order], return_index=True)
    return [(int(code), rows) for code, rows in zip(distinct, np.split(order, edges[1:]), strict=True)]


def _tickets(found: TeamStays, rows: Int64) -> int:
    return len(np.unique(found.stays.ticket[rows]))


def _median(microseconds: Int64) -> float:
    return float(np.median(microseconds) / HOUR_US) if len(microseconds) else 0.0
