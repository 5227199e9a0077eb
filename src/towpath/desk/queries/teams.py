"""Teams of a desk, one by one: what page, API and `--json` show."""

from __future__ import annotations

from functools import lru_cache

from django.http import Http404
from django.utils.translation import gettext as _

from towpath.desk.measures.effort import Effort, effort_of, firefighting_of, team_effort
from towpath.desk.measures.flow import moment
from towpath.desk.measures.history import History
from towpath.desk.measures.stays import PARTS, TeamStays, team_stays
from towpath.desk.measures.teams import lines_of, page_of
from towpath.desk.queries.behind import tickets_of
from towpath.desk.queries.desks import meant
from towpath.desk.queries.flow import history
from towpath.desk.schemas.insights import Shown
from towpath.desk.schemas.teams import Firefighting, TeamPage, Teams
from towpath.foundation.access.actor import Actor


def teams(actor: Actor, name: str = "") -> Teams:
    """All teams of a desk (the only one, without a name). Raises Http404, ValidationError."""
    desk = meant(actor, name)
    found = history(desk)
    if not len(found.tickets):
        return Teams(desk.name, None, (), _("No ticket has been read yet."))
    lines = lines_of(_stays(found))
    reason = "" if lines else _("The source does not say which team has a ticket.")
    return Teams(desk.name, moment(found.as_of), lines, reason)


def team(actor: Actor, name: str, wanted: str) -> TeamPage:
    """One team. Raises Http404 where the desk, or the team in it, is not known."""
    desk = meant(actor, name)
    found = history(desk)
    code = _code(found, wanted)
    return page_of(_stays(found), code, team_effort(_effort(found), code), desk.name)


def behind_team(
    actor: Actor, name: str, wanted: str, part: str, *, value: str = "", page: int = 1
) -> tuple[list[Shown], int]:
    """The tickets that a figure of a team's page counts, and how many those are. Raises Http404."""
    found = history(meant(actor, name))
    code = _code(found, wanted)
    if part not in PARTS:
        raise Http404(_("A team's page has no such figure."))
    return tickets_of(found, _stays(found).behind(code, part, value), page)


def firefighting(actor: Actor, name: str = "") -> Firefighting:
    """The share of effort that goes into firefighting, by team and week. Raises Http404, ValidationError."""
    desk = meant(actor, name)
    found = history(desk)
    return firefighting_of(_effort(found), found, desk.name)


@lru_cache(maxsize=2)
def _stays(found: History) -> TeamStays:
    return team_stays(found)


@lru_cache(maxsize=2)
def _effort(found: History) -> Effort:
    return effort_of(found)


def _code(found: History, wanted: str) -> int:
    names = found.team.texts()
    if wanted not in names:
        raise Http404(_("This desk knows no team %(team)s.") % {"team": wanted})
    return names.index(wanted)
