"""Teams: the list, one team, the tickets behind its figures, and firefighting by week."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from towpath.desk.pages.trend_drawing import Line, draw_lines
from towpath.desk.queries import teams as queries
from towpath.desk.queries.behind import PAGE
from towpath.desk.rules.team_wording import heading
from towpath.desk.schemas.teams import FirefightingTeam
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.figures import percent

MOST_DRAWN = 6
"""Teams whose weeks are drawn; the table names all."""


@require_GET
def listing(request: ActorRequest, name: str) -> HttpResponse:
    return render(request, "desk/teams.html", {"found": queries.teams(request.actor, name)})


@require_GET
def show(request: ActorRequest, name: str, team: str) -> HttpResponse:
    return render(request, "desk/team.html", {"found": queries.team(request.actor, name, team)})


@require_GET
def behind(request: ActorRequest, name: str) -> HttpResponse:
    """The tickets behind one figure: ?team=..&part=..&name=.."""
    team, part, value = (request.GET.get(key, "") for key in ("team", "part", "name"))
    wanted = request.GET.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 1
    rows, total = queries.behind_team(request.actor, name, team, part or "all", value=value, page=number)
    context = {
        "rows": rows,
        "page": Paginator(range(total), PAGE).get_page(number),
        "total": total,
        "name": name,
        "team": team,
        "heading": heading(team, part or "all", value),
    }
    return render(request, "desk/behind_team.html", context)


@require_GET
def firefighting(request: ActorRequest, name: str) -> HttpResponse:
    found = queries.firefighting(request.actor, name)
    drawn = [(team, _drawn(team)) for team in found.teams[:MOST_DRAWN]]
    return render(request, "desk/firefighting.html", {"found": found, "drawn": drawn})


def _drawn(team: FirefightingTeam) -> str:
    line = Line("", tuple(week.share for week in team.weeks))
    # Made of numbers and escaped texts.
    return mark_safe(  # noqa: S308
        draw_lines([line], [week.week for week in team.weeks], lambda value: percent(value, 0), top=1.0)
    )
