"""How one desk's tickets flow: the picture, the figures, and the same as a table."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from towpath.desk.pages.flow_drawing import draw
from towpath.desk.pages.trend_drawing import Line, draw_lines
from towpath.desk.queries.flow import flow
from towpath.desk.schemas.flow import TicketFlow
from towpath.desk.schemas.solved import BacklogAge
from towpath.foundation.access.routes import ActorRequest
from towpath.foundation.ui.figures import duration, interval, number, percent

MONTHS = 13
"""Months of opening that the page shows; the record has all."""


@require_GET
def show(request: ActorRequest, name: str) -> HttpResponse:
    found = flow(request.actor, name)
    # Made of numbers and our own translated texts, each escaped where it is put in.
    picture = mark_safe(draw(found)) if found.tiers else ""  # noqa: S308
    context = {"flow": found, "picture": picture, "trend": _trend(found), "backlog": _backlog(found)}
    return render(request, "desk/flow.html", context)


def _trend(found: TicketFlow) -> str:
    """The shift index month by month."""
    months = found.shift_trend
    if sum(each.index is not None for each in months) < 2:
        return ""
    line = Line("", [each.index for each in months])
    # Made of numbers and escaped texts.
    return mark_safe(draw_lines([line], [each.month for each in months], lambda value: number(value, 2)))  # noqa: S308


def _backlog(found: TicketFlow) -> list[dict[str, object]]:
    """Rows of the table: all, and the last months."""
    rows = [*found.backlog[:1], *found.backlog[1:][-MONTHS:]]
    return [
        {
            "age": row,
            "half": duration(row.half_days * 86_400) if row.half_days is not None else "",
            "still": [_after(row, days) for days in (7, 30, 90)],
        }
        for row in rows
    ]


def _after(row: BacklogAge, days: int) -> tuple[str, str]:
    found = next((each for each in row.still if each.days == days), None)
    if found is None:
        return "", ""
    return percent(found.share, 0), interval(percent(found.low, 0), percent(found.high, 0))
