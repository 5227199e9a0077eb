"""Effort of teams by week, and the part of it that is firefighting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from towpath.analytics.kernels.compiling import Int64
from towpath.analytics.shared_effort import shared_effort
from towpath.analytics.ticket_paths import NEVER
from towpath.desk.measures.history import DAY_US, History
from towpath.desk.measures.returns import returns_of
from towpath.desk.measures.stays import HOUR_US
from towpath.desk.rules.states import WORKING
from towpath.desk.schemas.teams import Firefighting, FirefightingTeam, FirefightingWeek, TeamEffort

DAY_HOURS = 8.0
FEWEST_HOURS = 8.0
"""Hours of a week below which its share would be chance."""
WEEK_US = 7 * DAY_US
_MONDAY_US = 4 * DAY_US
"""The first Monday after the epoch."""
PLANNED, INCIDENT, REPEAT, REWORK = range(4)


@dataclass(frozen=True, eq=False)
class Effort:
    """Pieces of work, each of one team and one week. `team` int64[n], `week` int64[n] (weeks since the first
    Monday of 1970), `sort` int64[n] (PLANNED ..), `hours` float64[n]. `basis` "logged", "estimated" or "";
    `reason`: why there is none."""

    team: Int64
    week: Int64
    sort: Int64
    hours: npt.NDArray[np.float64]
    basis: str
    reason: str = ""


def effort_of(history: History) -> Effort:
    """Of all movements: as logged where the source says it, else estimated."""
    held = np.where(history.team.codes >= 0, history.team.codes, history.facts.team_before).astype(np.int64)
    if (history.moving["effort_minutes"].codes >= 0).any():
        return _logged(history, held)
    agent = history.moving["agent"].codes
    none = np.zeros(0, np.int64)
    worked = (history.state == WORKING) & (history.facts.length > 0) & (held >= 0)
    if not (worked & (agent >= 0)).any():
        reason = _(
            "The source logs no effort and does not say who worked on which ticket: add `effort_minutes:` or "
            "`agent:` and a working state to the desk's reading."
        )
        return Effort(none, none, none, np.zeros(0), "", reason)
    rows = np.flatnonzero(worked & (agent >= 0))
    begin = history.time[rows]
    piece, start, end = _by_week(begin, begin + history.facts.length[rows])
    rows = rows[piece]
    hours = shared_effort(agent[rows], start, end, int(DAY_HOURS * HOUR_US)) / HOUR_US
    return Effort(held[rows], _week(start), _sorts(history, rows, start), hours, "estimated")


def _logged(history: History, held: Int64) -> Effort:
    said = history.moving["effort_minutes"]
    minutes = np.array([*(_number(text) for text in said.texts()), 0.0])[said.codes]
    rows = np.flatnonzero((minutes > 0) & (held >= 0))
    time = history.time[rows]
    return Effort(held[rows], _week(time), _sorts(history, rows, time), minutes[rows] / 60, "logged")


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if 0 < found < 1e6 else 0.0


def _week(time: Int64) -> Int64:
    return (time - _MONDAY_US) // WEEK_US


def _by_week(begin: Int64, end: Int64) -> tuple[Int64, Int64, Int64]:
    """Intervals cut where a week ends: of which interval each piece is, its begin and its end."""
    first, last = _week(begin), _week(np.maximum(end - 1, begin))
    count = last - first + 1
    piece = np.repeat(np.arange(len(begin)), count)
    nth = np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count)
    edge = (first[piece] + nth) * WEEK_US + _MONDAY_US
    return piece, np.maximum(begin[piece], edge), np.minimum(end[piece], edge + WEEK_US)


def _sorts(history: History, rows: Int64, time: Int64) -> Int64:
    """What sort of work each piece is: rework goes before repeats, and these before incidents."""
    ticket = history.ticket_of[rows]
    kinds = history.of_ticket["kind"]
    incident = np.array([*(name == "incident" for name in kinds.texts()), True])[kinds.codes[ticket]]
    repeat = returns_of(history).repeats.of[ticket] >= 0
    first = history.facts.first_resolved[ticket]
    rework = (first != NEVER) & (time >= first)
    return np.where(rework, REWORK, np.where(repeat, REPEAT, np.where(incident, INCIDENT, PLANNED)))


def team_effort(effort: Effort, team: int) -> TeamEffort:
    """Of one team over all weeks."""
    if effort.reason:
        return TeamEffort("", None, 0.0, 0.0, 0.0, None, DAY_HOURS, effort.reason)
    own = effort.team == team
    hours = np.bincount(effort.sort[own], effort.hours[own], 4)
    total = float(hours.sum())
    share = _share(float(hours[INCIDENT:].sum()), total)
    incidents, repeats, rework = (float(hours[sort]) for sort in (INCIDENT, REPEAT, REWORK))
    return TeamEffort(effort.basis, total, incidents, repeats, rework, share, DAY_HOURS)


def firefighting_of(effort: Effort, history: History, desk: str) -> Firefighting:
    """Of every team, week by week; teams with most hours first."""
    kinds = set(history.of_ticket["kind"].texts())
    note = ""
    if kinds == {"incident"}:
        note = _(
            "This desk holds incidents alone, so that all of its effort is firefighting by definition; how "
            "much of it is repeats and rework says more."
        )
    names = history.team.texts()
    teams = (_team(effort, int(code), names[code]) for code in np.unique(effort.team))
    most = sorted(teams, key=lambda each: (-each.hours, each.team))
    return Firefighting(desk, effort.basis, tuple(most), effort.reason, note)


def _team(effort: Effort, code: int, name: str) -> FirefightingTeam:
    own = effort.team == code
    first = int(effort.week[own].min())
    weeks = int(effort.week[own].max()) - first + 1
    keys = (effort.week[own] - first) * 4 + effort.sort[own]
    hours = np.bincount(keys, effort.hours[own], weeks * 4).reshape(weeks, 4).astype(np.float64)
    total = float(hours.sum())
    share = _share(float(hours[:, INCIDENT:].sum()), total)
    told = (_of_week(first + place, row) for place, row in enumerate(hours) if row.sum() > 0)
    return FirefightingTeam(name, total, share, tuple(told))


def _of_week(week: int, hours: npt.NDArray[np.float64]) -> FirefightingWeek:
    total = float(hours.sum())
    monday = np.datetime64(week * WEEK_US + _MONDAY_US, "us").astype("datetime64[D]")
    share = _share(float(hours[INCIDENT:].sum()), total)
    incidents, repeats, rework = (float(hours[sort]) for sort in (INCIDENT, REPEAT, REWORK))
    return FirefightingWeek(str(monday), total, incidents, repeats, rework, share)


def _share(part: float, total: float) -> float | None:
    """None below FEWEST_HOURS; sums of many pieces may stray beyond one."""
    return min(part / total, 1.0) if total >= FEWEST_HOURS else None
