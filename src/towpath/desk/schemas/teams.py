"""One page for each team: the record that page, API and `towpath desk teams --json` show."""

from __future__ import annotations

from datetime import datetime

import msgspec


class TeamLine(msgspec.Struct, frozen=True):
    """A team among the others. `tickets`: that it ever had; `open`: that it has; `waiting`: of them those
    that nobody works on; `hours_waited`: median of a stay with it; `came_back`: stays with a ticket that it
    had had before."""

    team: str
    tickets: int
    stays: int
    open: int
    waiting: int
    hours_waited: float
    came_back: int


class Teams(msgspec.Struct, frozen=True):
    """The teams of a desk, those with most tickets first. `reason`: why there is none."""

    desk: str
    as_of: datetime | None
    teams: tuple[TeamLine, ...]
    reason: str = ""


class WaitsForTeam(msgspec.Struct, frozen=True):
    """Who waits for the team: another team that handed to it, or (`team` empty) whoever opened the ticket
    with it. `hours`: in which such tickets lay with the team and nobody worked on them; `median_hours` and
    `upper_hours` (nine of ten): of one stay; `waiting`: so many lie there now."""

    team: str
    stays: int
    tickets: int
    hours: float
    median_hours: float
    upper_hours: float
    waiting: int


class TeamWait(msgspec.Struct, frozen=True):
    """What the team waits for: `what` is customer, supplier, other or team. For a team: open hours from
    handing a ticket to it until it came back; `tickets` that did."""

    what: str
    team: str
    tickets: int
    hours: float
    median_hours: float


class TeamHandOver(msgspec.Struct, frozen=True):
    """To whom the team hands. `came_back`: hand-overs after which the ticket was with the team again."""

    team: str
    hand_overs: int
    tickets: int
    came_back: int


class TeamPartner(msgspec.Struct, frozen=True):
    """Another team between which and this one tickets went and came back. `returns`: how often, either way;
    `hours`: open hours of these tickets in all."""

    team: str
    tickets: int
    returns: int
    hours: float


class TeamEffort(msgspec.Struct, frozen=True):
    """Hours of work, "logged", or "estimated": the time in a working state divided among the tickets that a
    person holds at once, a day giving no more than `day_hours`. None where `reason` says why. `share`:
    firefighting, on incidents, repeats and rework (after a first solution); each hour counts once, as rework
    first, then as a repeat."""

    basis: str
    hours: float | None
    incidents: float
    repeats: float
    rework: float
    share: float | None
    day_hours: float
    reason: str = ""


class TeamPart(msgspec.Struct, frozen=True):
    """The team's tickets of one topic, or opened in one month (YYYY-MM). `hours_waited`: median of a stay;
    `hours_worked`: in a working state, in all; `handed_on`: tickets that the team handed to another."""

    name: str
    tickets: int
    hours_waited: float
    hours_worked: float
    handed_on: int


class TeamPage(msgspec.Struct, frozen=True):
    """One team. `open`: tickets that it has, `waiting`: of them those that nobody works on."""

    desk: str
    team: str
    as_of: datetime | None
    tickets: int
    stays: int
    open: int
    waiting: int
    waits_for_us: tuple[WaitsForTeam, ...]
    we_wait_for: tuple[TeamWait, ...]
    hands_to: tuple[TeamHandOver, ...]
    ping_pong: tuple[TeamPartner, ...]
    effort: TeamEffort
    topics: tuple[TeamPart, ...]
    months: tuple[TeamPart, ...]


class FirefightingWeek(msgspec.Struct, frozen=True):
    """A team's week (`week`: its Monday). `share` of its `hours` that went into firefighting; None below
    `FEWEST_HOURS` hours."""

    week: str
    hours: float
    incidents: float
    repeats: float
    rework: float
    share: float | None


class FirefightingTeam(msgspec.Struct, frozen=True):
    """A team, and its weeks in order of time."""

    team: str
    hours: float
    share: float | None
    weeks: tuple[FirefightingWeek, ...]


class Firefighting(msgspec.Struct, frozen=True):
    """Share of effort that goes into incidents, repeats and rework. `basis`: "logged" or "estimated".
    `reason`: why there is no number; `note`: what the number cannot say."""

    desk: str
    basis: str
    teams: tuple[FirefightingTeam, ...]
    reason: str = ""
    note: str = ""
